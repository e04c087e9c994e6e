/**
 * Where things are: the server binary under test, the browser, folders for throw-away data.
 *
 * `cargo xtask` sets the variables; the defaults serve `npx playwright test` by hand.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The server binary under test. */
export function serverBinary(): string {
  const path = process.env.DONGHANH_SERVER ?? resolve(import.meta.dirname, '../../target/debug/donghanh');
  if (!existsSync(path)) throw new Error(`no server at ${path}; build it with: cargo build -p donghanh-server`);
  return path;
}

/** The device without a screen; it lies beside the server. */
export function deviceBinary(): string {
  const path = join(dirname(serverBinary()), 'donghanh-sim');
  if (!existsSync(path)) throw new Error(`no device at ${path}; build it with: cargo build -p donghanh-sim`);
  return path;
}

/** The browser; Playwright's own download is not used. */
export function chromium(): string {
  const given = process.env.DONGHANH_CHROMIUM;
  const found = [given, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path && existsSync(path),
  );
  if (!found) throw new Error('no Chromium found; install it, or set DONGHANH_CHROMIUM to its path');
  return found;
}

/** Switches for a browser that talks to nobody but the server under test. */
export const quietBrowser = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--no-sandbox',
];

/** A new empty folder; `remove` it when the test is over. */
export async function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `donghanh-${name}-`));
}

/** Removes a folder that `temporaryFolder` made. A browser just killed may still be letting go of its files. */
export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
