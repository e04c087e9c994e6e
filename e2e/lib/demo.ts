/**
 * The demo, filled once a run by the server under test: every demo server of a test begins with a copy of its own.
 *
 * A debug build takes ten seconds and more to fill one. The first test that needs it does so, the others wait for it.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { remove, temporaryFolder } from './places.ts';
import { Server } from './server.ts';

/** The variable that tells the tests where the demo will lie. */
const FOLDER = 'DONGHANH_E2E_DEMO';

/** The global set-up of a run: a folder for the demo; what it returns removes it. */
export default async function begin(): Promise<() => Promise<void>> {
  const folder = await temporaryFolder('demo');
  process.env[FOLDER] = folder;
  return () => remove(folder);
}

/** The data of a filled demo, to be copied; nothing where a run keeps none. */
export async function filledDemo(): Promise<string | undefined> {
  const folder = process.env[FOLDER];
  if (folder === undefined) return undefined;
  const data = join(folder, 'data');
  while (!existsSync(data)) {
    if (await isFirst(join(folder, 'begun'))) await fill(folder);
    // Not a wait for luck: the interval at which readiness is asked for.
    else await pause(50);
  }
  return data;
}

/** Whether nobody was here before: a folder is made by one of several alone. */
async function isFirst(mark: string): Promise<boolean> {
  return mkdir(mark).then(
    () => true,
    () => false,
  );
}

/** Fills a demo in `folder`. Where that fails, the test fails that needed it, and the next one tries for itself. */
async function fill(folder: string): Promise<void> {
  try {
    const server = await Server.start({ content: 'demo' });
    // Asked to end, it folds its log into the database: what lies there then is all of it.
    await server.stop();
    await rename(server.data, join(folder, 'data'));
  } catch (error) {
    await remove(join(folder, 'begun'));
    throw error;
  }
}
