/**
 * A phone with every record of a large ward, slowed down six times and without a connection: how long until the list
 * can be used, how long a save takes, and what an idle round of sync costs in bytes.
 */
import { appendFileSync } from 'node:fs';
import type { CDPSession, Page } from '@playwright/test';
import { readyOffline, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

/** A cheap phone beside this machine. */
const SLOWDOWN = 6;
const SAVES = 40;

function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run cargo xtask bench`);
  return value;
}

function report(name: string, value: number, unit: string): void {
  appendFileSync(need('DONGHANH_FIGURES'), `${JSON.stringify({ name, value, unit })}\n`);
}

/** The time that a fixed piece of work takes in the page, in milliseconds; the least of several tries. */
async function work(page: Page): Promise<number> {
  return page.evaluate(() => {
    let least = Infinity;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const start = performance.now();
      let sum = 0;
      for (let i = 0; i < 5_000_000; i += 1) sum = (sum * 31 + i) | 0;
      least = Math.min(least, performance.now() - start + (sum === 1 ? 1 : 0));
    }
    return least;
  });
}

/** The value below which so many of 100 lie. */
function percentile(values: number[], of: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * of) / 100) - 1]!;
}

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
    await phone.page.goto('/visits');
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
    await page.addInitScript(() => {
      const seen = () => document.querySelector('[data-testid="visit-row"]');
      new MutationObserver((_, observer) => {
        if (!seen()) return;
        observer.disconnect();
        performance.mark('first-row');
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto('/visits');
    await expect(page.getByTestId('visit-row').first()).toBeVisible();
    const marks = await page.evaluate(() => {
      const at = (name: string) => performance.getEntriesByName(name).map((entry) => entry.startTime);
      return { usable: at('list-usable'), row: at('first-row') };
    });
    expect(marks.row).toHaveLength(1);
    // The app says when its list can be used; it may not say so before the first row is there.
    const usable = marks.usable.find((at) => at >= marks.row[0]! - 1);
    expect(usable, 'the mark list-usable after the first row').toBeDefined();
    const slowed = await work(page);
    expect(slowed / usual, 'the page is slowed down after the navigation too').toBeGreaterThan(SLOWDOWN / 2);
    expect(await page.evaluate(() => fetch('/api/v1/instance').then(() => true, () => false))).toBe(false);
    report('cold_start_offline_ms', usable!, 'ms');
    await session.detach();
  });

  await test.step('saving', async () => {
    const page = phone.page;
    const session = await phone.slowDown(SLOWDOWN);
    await page.getByTestId('visit-row').first().getByRole('link').click();
    // From the tap itself, by the clock of its event, to the mark set when the strict transaction is complete.
    await page.evaluate(() => {
      const taps: number[] = [];
      Object.assign(window, { taps });
      const note = (event: Event) => {
        if ((event.target as Element).closest('[data-testid="save-button"]')) taps.push(event.timeStamp);
      };
      addEventListener('click', note, { capture: true });
      performance.clearMarks('saved');
    });
    for (let number = 1; number <= SAVES; number += 1) {
      await page.getByTestId('edit-button').click();
      await page.getByTestId('attendance-input').fill(String(1_000 + number));
      await page.getByTestId('save-button').click();
      await expect(page.getByTestId('fact-attendance')).toHaveText(`1.0${String(number).padStart(2, '0')}`);
    }
    const { taps, saved } = await page.evaluate(() => ({
      taps: (window as unknown as { taps: number[] }).taps,
      saved: performance.getEntriesByName('saved').map((entry) => entry.startTime),
    }));
    expect([taps.length, saved.length]).toEqual([SAVES, SAVES]);
    const took = taps.map((tap, at) => saved[at]! - tap);
    report('save_ms_p50', percentile(took, 50), 'ms');
    report('save_ms_p95', percentile(took, 95), 'ms');
    await session.detach();
  });

  await test.step('an idle round', async () => {
    const page = phone.page;
    await phone.offline(false);
    await page.goto('/sync');
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
