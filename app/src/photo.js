// Pictures, in the browser's own hands: drawn anew, sealed, opened. Imported by `photo.rs`, by nothing else.

// First byte of a sealed picture; then 12 bytes of nonce, then AES-256-GCM.
const FORM = 1;
const NONCE = 12;
const TAG = 16;
const QUALITIES = [0.8, 0.6, 0.4, 0.2];

/** The files that a person chose; the same ones can then be chosen again. */
export function chosen(input) {
  const files = [...(input.files ?? [])];
  input.value = '';
  return files;
}

function encoded(canvas, type, quality) {
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}

/** WebP where the browser can write it, else JPEG. */
async function written(canvas, quality) {
  const webp = await encoded(canvas, 'image/webp', quality);
  return webp?.type === 'image/webp' ? webp : encoded(canvas, 'image/jpeg', quality);
}

async function drawn(file, side) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

/**
 * `[id, key, sealed]` of a picture drawn anew, its longer side at most `side` pixels, sealed at most `limit` bytes.
 * Drawing it anew drops what the camera wrote beside it. Rejects with `null` when even the smallest is too large.
 */
export async function sealed(file, side, limit) {
  const canvas = await drawn(file, side);
  let picture = null;
  for (const quality of QUALITIES) {
    picture = await written(canvas, quality);
    if (picture && picture.size + 1 + NONCE + TAG <= limit) break;
    picture = null;
  }
  if (!picture) throw null;
  const key = crypto.getRandomValues(new Uint8Array(32));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const lock = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const inside = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, lock, await picture.arrayBuffer());
  const whole = new Uint8Array(1 + NONCE + inside.byteLength);
  whole[0] = FORM;
  whole.set(nonce, 1);
  whole.set(new Uint8Array(inside), 1 + NONCE);
  return [new Uint8Array(await crypto.subtle.digest('SHA-256', whole)), key, whole];
}

/** An address under which an `img` shows the sealed picture; give it back with `closed`. */
export async function opened(whole, key) {
  if (whole[0] !== FORM) throw new Error('a picture of a newer form');
  const lock = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  const nonce = { name: 'AES-GCM', iv: whole.subarray(1, 1 + NONCE) };
  const plain = await crypto.subtle.decrypt(nonce, lock, whole.subarray(1 + NONCE));
  const riff = new Uint8Array(plain, 0, 1)[0] === 0x52;
  return URL.createObjectURL(new Blob([plain], { type: riff ? 'image/webp' : 'image/jpeg' }));
}

/** Gives an address back. */
export function closed(address) {
  URL.revokeObjectURL(address);
}
