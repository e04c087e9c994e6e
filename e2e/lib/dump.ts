/**
 * What somebody holds who has the phone: every byte of its databases, caches and small stores, by the browser's own
 * interface (which undoes the compression on disk), and the files of the profile as they lie there.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** Everything the browser keeps for this origin, as one run of bytes. */
export async function dumpOf(page: Page): Promise<Buffer> {
  const parts = await page.evaluate(async () => {
    const found: string[] = [];
    const take = (value: unknown): void => {
      if (value instanceof ArrayBuffer) value = new Uint8Array(value);
      if (value instanceof Uint8Array) {
        let text = '';
        for (const byte of value) text += String.fromCharCode(byte);
        found.push(btoa(text));
      } else if (typeof value === 'string') found.push(btoa(unescape(encodeURIComponent(value))));
      else if (value && typeof value === 'object') Object.values(value).forEach(take);
      else found.push(btoa(String(value)));
    };
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      take(name);
      const database = await settled(indexedDB.open(name!));
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        (await settled(objects.getAllKeys())).forEach(take);
        (await settled(objects.getAll())).forEach(take);
      }
      database.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        // The app's own files hold the words of the interface, not what people wrote.
        if (new URL(request.url).pathname.startsWith('/assets/')) continue;
        take(request.url);
        take(await (await cache.match(request))!.arrayBuffer());
      }
    }
    for (const store of [localStorage, sessionStorage]) for (const [key, value] of Object.entries(store)) take([key, value]);
    return found;
  });
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}

/** The files of the profile, as they lie on the disk. */
export async function filesOf(profile: string): Promise<Buffer> {
  const files: Buffer[] = [];
  for (const folder of ['IndexedDB', 'Service Worker', 'Local Storage', 'Session Storage', 'Cache']) {
    const root = join(profile, 'Default', folder);
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((entry) => entry.isFile())) {
      files.push(await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0)));
    }
  }
  return Buffer.concat(files);
}

/** Which of these strings stand in the bytes, composed or decomposed, as UTF-8 or UTF-16. */
export function foundIn(bytes: Buffer, strings: string[]): string[] {
  return strings.filter((text) =>
    ['NFC', 'NFD'].some((form) => {
      const wide = Buffer.from(text.normalize(form), 'utf16le');
      const swapped = Buffer.from(wide).swap16();
      return [Buffer.from(text.normalize(form)), wide, swapped].some((encoded) => bytes.includes(encoded));
    }),
  );
}
