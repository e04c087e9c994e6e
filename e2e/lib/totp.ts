/**
 * An authenticator app: two-step codes as RFC 6238 makes them (SHA-1, six digits, thirty seconds).
 */
import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** How long a code is the newest one. */
export const STEP_MS = 30_000;

function bytesOf(base32: string): Buffer {
  let bits = '';
  for (const letter of base32.toUpperCase().replace(/[\s=]/g, '')) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new Error(`not base32: ${letter}`);
    bits += value.toString(2).padStart(5, '0');
  }
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** The code that the app shows at this moment. */
export function code(secretBase32: string, atMs: number = Date.now()): string {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(atMs / STEP_MS)));
  const hash = createHmac('sha1', bytesOf(secretBase32)).update(step).digest();
  const at = hash[hash.length - 1]! & 0x0f;
  const number = hash.readUInt32BE(at) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
