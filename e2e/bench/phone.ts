/**
 * A phone with every record of a large ward, slowed down six times and without a connection: how long until the list
 * can be used, how long a save takes, and what an idle round of sync costs in bytes.
 */
import type { CDPSession } from '@playwright/test';
import { SLOWDOWN, coldStart, need, percentile, report, saves, work } from '../lib/measure.ts';
import { openAt, readyOffline, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

/** What Chromium tells of one exchange with `/api`. */
interface Exchange {
  /** The request line and the body, when it is one of ours. */
  line?: number;
  /** The header lines of the request as they went out. */
  headers?: number;
  /** The whole answer with its headers. */
  answer?: number;
}

/** Bytes both ways, headers included, of one exchange with `path` that `act` causes; waits until all three are known. */
async function bytesOf(session: CDPSession, path: string, act: () => Promise<void>): Promise<number> {
  const exchanges = new Map<string, Exchange>();
  // The parts of one exchange come in no fixed order.
  const note = (id: string, part: Exchange) => exchanges.set(id, { ...exchanges.get(id), ...part });
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    const address = new URL(request.url);
    if (address.pathname !== path) return;
    const body = (request.postDataEntries ?? []).reduce((sum, entry) => sum + atob(entry.bytes ?? '').length, 0);
    note(requestId, { line: `${request.method} ${path}${address.search} HTTP/1.1\r\n\r\n`.length + body });
  });
  session.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    note(requestId, { headers: lines.join('').length });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    note(requestId, { answer: encodedDataLength });
  });
  await session.send('Network.enable');
  await act();
  const whole = () =>
    [...exchanges.values()].filter(({ line, headers, answer }) => line !== undefined && headers && answer);
  await expect.poll(() => whole().length, { message: `one exchange with ${path}` }).toBe(1);
  await session.send('Network.disable');
  return whole().reduce((sum, { line, headers, answer }) => sum + line! + headers! + answer!, 0);
}

test('cold start, saving and an idle round on a phone full of records', async ({ startPhone }) => {
  const records = Number(need('DONGHANH_RECORDS'));
  const phone = await startPhone('bench', { url: need('DONGHANH_BASE') });

  await test.step('every record comes to the phone', async () => {
    await phone.openInstalled();
    await signIn(phone.page, need('DONGHANH_NAME'), need('DONGHANH_PASSWORD'));
    await phone.page.getByTestId('sync-footer').click();
    await expect(phone.page.getByTestId('ready-offline')).toBeVisible({ timeout: 600_000 });
    await openAt(phone.page, '/visits');
    const shown = async () => Number((await phone.page.getByTestId('result-count').textContent())!.replace(/\D/g, ''));
    await expect.poll(shown, { timeout: 120_000 }).toBe(records);
  });

  await test.step('cold start offline', async () => {
    // A new browser with the same profile: nothing of the first start is in memory.
    await phone.off();
    await phone.on();
    const page = phone.page;
    const usual = await work(page);
    const session = await phone.slowDown(SLOWDOWN);
    // Not by routing requests: Playwright would then carry every request of the start itself, and be measured along.
    await phone.offline(true);
    const start = await coldStart(page, '/visits');
    const slowed = await work(page);
    expect(slowed / usual, 'the page is slowed down after the navigation too').toBeGreaterThan(SLOWDOWN / 2);
    expect(await page.evaluate(() => fetch('/api/v1/instance').then(() => true, () => false))).toBe(false);
    report('cold_start_offline_ms', start.lock + start.unlock, 'ms');
    await session.detach();
  });

  await test.step('saving', async () => {
    const page = phone.page;
    const session = await phone.slowDown(SLOWDOWN);
    await page.getByTestId('visit-row').first().getByRole('link').click();
    const took = await saves(page);
    report('save_ms_p50', percentile(took, 50), 'ms');
    report('save_ms_p95', percentile(took, 95), 'ms');
    await session.detach();
  });

  await test.step('an idle round', async () => {
    const page = phone.page;
    await phone.offline(false);
    await openAt(page, '/sync');
    await page.getByTestId('sync-now').click();
    await expect(page.getByTestId('sync-footer')).toHaveAttribute('class', 'sync-footer', { timeout: 120_000 });
    await readyOffline(page);
    const session = await phone.context.newCDPSession(page);
    const pulled = () => page.waitForResponse((answer) => answer.url().endsWith('/api/v1/pull'));
    // The first round may still fetch what was just sent; the second finds nothing.
    const first = pulled();
    await page.getByTestId('sync-now').click();
    await (await first).finished();
    const bytes = await bytesOf(session, '/api/v1/pull', async () => {
      const answer = pulled();
      await page.getByTestId('sync-now').click();
      await (await answer).finished();
    });
    report('idle_reconnect_browser_bytes', bytes, 'bytes');
  });
});
