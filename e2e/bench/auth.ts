/**
 * What the lock costs: unlocking, and what sealing adds to a start with 10,000 records and to saving one, beside the same
 * app with its ciphers left out. Everything at six times CPU throttling and without a connection.
 */
import { serveApp } from '../lib/app_proxy.ts';
import { SLOWDOWN, type Start, coldStart, need, percentile, report, saves, work } from '../lib/measure.ts';
import type { Phone } from '../lib/phone.ts';
import { openAt, readyOffline, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

/** Starts of each app; the median counts. */
const STARTS = 5;
/** Nothing that is waited for takes longer, unless something is stuck. */
const STUCK_MS = 60_000;

interface Measured {
  starts: Start[];
  saves: number[];
}

const median = (values: number[]) => percentile(values, 50);

async function measure(phone: Phone, name: string): Promise<Measured> {
  const records = Number(need('DONGHANH_RECORDS'));
  phone.page.setDefaultTimeout(STUCK_MS);
  await phone.openInstalled();
  await signIn(phone.page, name, need('DONGHANH_PASSWORD'));
  await phone.page.getByTestId('sync-footer').click();
  await expect(phone.page.getByTestId('ready-offline')).toBeVisible({ timeout: 600_000 });
  await openAt(phone.page, '/visits');
  const shown = async () => Number((await phone.page.getByTestId('result-count').textContent())!.replace(/\D/g, ''));
  await expect.poll(shown, { timeout: 120_000 }).toBe(records);
  const starts: Start[] = [];
  // The least of all: right after a start the page is still busy.
  let usual = Infinity;
  for (let number = 0; number < STARTS; number += 1) {
    await phone.off();
    await phone.on();
    phone.page.setDefaultTimeout(STUCK_MS);
    usual = Math.min(usual, await work(phone.page));
    const session = await phone.slowDown(SLOWDOWN);
    await phone.offline(true);
    starts.push(await coldStart(phone.page, '/visits'));
    expect((await work(phone.page)) / usual, 'the page is slowed down').toBeGreaterThan(SLOWDOWN / 2);
    await session.detach();
  }
  const session = await phone.slowDown(SLOWDOWN);
  await phone.page.getByTestId('visit-row').first().getByRole('link').click();
  const took = await saves(phone.page);
  await session.detach();
  await readyOffline(phone.page);
  return { starts, saves: took };
}

test('unlocking, starting and saving, sealed and not', async ({ startPhone }) => {
  // Both the same way: what is compared must not differ in how it comes.
  const sealedApp = await serveApp(need('DONGHANH_PWA'), need('DONGHANH_BASE'));
  const plainApp = await serveApp(need('DONGHANH_PLAIN_PWA'), need('DONGHANH_BASE'));
  const sealedPhone = await startPhone('sealed', { url: sealedApp.url });
  const plainPhone = await startPhone('plain', { url: plainApp.url });
  let sealed: Measured;
  let plain: Measured;
  if (Number(need('DONGHANH_RUN')) % 2 === 0) {
    sealed = await measure(sealedPhone, need('DONGHANH_NAME'));
    plain = await measure(plainPhone, need('DONGHANH_NAME'));
  } else {
    plain = await measure(plainPhone, need('DONGHANH_NAME'));
    sealed = await measure(sealedPhone, need('DONGHANH_NAME'));
  }
  await sealedApp.end();
  await plainApp.end();
  const of = (from: Measured, part: (start: Start) => number) => median(from.starts.map(part));
  report('unlock_ms', of(sealed, (start) => start.unlock), 'ms');
  report('unlock_key_ms', of(sealed, (start) => start.key), 'ms');
  for (const [which, from] of [['sealed', sealed], ['plain', plain]] as const) {
    report(`start_lock_${which}_ms`, of(from, (start) => start.lock), 'ms');
    report(`start_open_${which}_ms`, of(from, (start) => start.open), 'ms');
    report(`save_${which}_ms`, median(from.saves), 'ms');
  }
  const machine = (start: Start) => start.lock + start.open;
  const starting = 100 * (of(sealed, machine) / of(plain, machine) - 1);
  const saving = 100 * (median(sealed.saves) / median(plain.saves) - 1);
  report('sealing_overhead_start_percent', starting, '%');
  report('sealing_overhead_save_percent', saving, '%');
  report('sealing_overhead_percent', Math.max(starting, saving), '%');
});
