/** Pictures as a phone's camera makes them. */
import type { Page } from '@playwright/test';

/** What a camera would write beside its picture. */
export const BESIDE = 'GPS 21.3079 105.5855 SM-A057F';

/** A JPEG as a phone's camera makes it: 4,000 × 3,000, with notes of its own. */
export async function camera(page: Page): Promise<Buffer> {
  const plain = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [4000, 3000];
    const pen = canvas.getContext('2d')!;
    for (let at = 0; at < 400; at += 1) {
      pen.fillStyle = `hsl(${(at * 47) % 360} 60% ${30 + (at % 50)}%)`;
      pen.fillRect((at % 20) * 200, Math.floor(at / 20) * 150, 200, 150);
    }
    const blob = await new Promise<Blob>((done) => canvas.toBlob((blob) => done(blob!), 'image/jpeg', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  const notes = Buffer.from(`Exif\0\0${BESIDE}`, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(notes.length + 2);
  const jpeg = Buffer.from(plain);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, notes, jpeg.subarray(2)]);
}
