/** What the scripts of the bench share: variables, figures, a measure of how slow the page is, saving many times. */
import { appendFileSync } from 'node:fs';
import { type Page, expect } from '@playwright/test';
import { PIN } from './steps.ts';

/** A cheap phone beside this machine. */
export const SLOWDOWN = 6;
const SAVES = 40;

/** A variable that the bench sets. */
export function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run cargo xtask bench`);
  return value;
}

/** Adds a figure. */
export function report(name: string, value: number, unit: string): void {
  appendFileSync(need('DONGHANH_FIGURES'), `${JSON.stringify({ name, value, unit })}\n`);
}

/** The time that a fixed piece of work takes in the page, in milliseconds; long enough to be slowed down evenly. */
export async function work(page: Page): Promise<number> {
  return page.evaluate(() => {
    const start = performance.now();
    let sum = 0;
    for (let i = 0; i < 60_000_000; i += 1) sum = (sum * 31 + i) | 0;
    return performance.now() - start + (sum === 1 ? 1 : 0);
  });
}

/** The value below which so many of 100 lie. */
export function percentile(values: number[], of: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * of) / 100) - 1]!;
}

/** Saves the open record many times; milliseconds from the tap to the completed strict transaction, each. */
export async function saves(page: Page): Promise<number[]> {
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
  return taps.map((tap, at) => saved[at]! - tap);
}

/** A start of the app, without the time that a person takes to type; milliseconds on a phone {@link SLOWDOWN} times slower. */
export interface Start {
  /** From the navigation to the lock screen. */
  lock: number;
  /** From the tap on "open" to the list usable. */
  unlock: number;
  /** The part of it in which the worker makes the key. */
  key: number;
  /** From the key and the sealed store, both at hand, to the list usable. */
  open: number;
}

/** Loads a screen with a list, opens the lock, and says how long the machine took. */
export async function coldStart(page: Page, path: string): Promise<Start> {
  await page.addInitScript(() => {
    const waits = new Map([['lock-secret', 'lock-shown'], ['visit-row', 'first-row']]);
    new MutationObserver((_, observer) => {
      for (const [test, name] of waits) {
        if (!document.querySelector(`[data-testid="${test}"]`)) continue;
        performance.mark(name);
        waits.delete(test);
      }
      if (waits.size === 0) observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
    // Looking again and again whether the list is there would slow down what is measured: the page says it by itself.
    const listed = new Promise<void>((there) => {
      new PerformanceObserver((entries, observer) => {
        const first = performance.getEntriesByName('first-row')[0];
        if (!first || !entries.getEntriesByName('list-usable').some((entry) => entry.startTime >= first.startTime - 1)) return;
        observer.disconnect();
        there();
      }).observe({ type: 'mark' });
    });
    Object.assign(window, { listed });
    addEventListener(
      'click',
      (event) => {
        if (!(event.target as Element).closest('[data-testid="unlock"]')) return;
        performance.mark('unlock-tap', { startTime: event.timeStamp });
      },
      { capture: true },
    );
  });
  await page.goto(path);
  await page.getByTestId('lock-secret').fill(PIN);
  await page.getByTestId('unlock').click();
  await page.evaluate(() => (window as unknown as { listed: Promise<void> }).listed);
  await expect(page.getByTestId('visit-row').first()).toBeVisible();
  const names = ['lock-shown', 'unlock-tap', 'key-asked', 'key-derived', 'store-read', 'first-row', 'list-usable'];
  const { marks, took } = await page.evaluate(
    (names) => ({
      marks: names.map((name) => performance.getEntriesByName(name).map((entry) => entry.startTime)),
      took: performance.getEntriesByName('key-made')[0]!.duration,
    }),
    names,
  );
  const [lock, tap, asked, derived, read, row] = marks.map(([time]) => time);
  // The app says when its list can be used, perhaps more than once; before the first row is there it does not count.
  const usable = marks.at(-1)!.find((at) => at >= row! - 1);
  for (const [at, time] of [lock, tap, asked, derived, read, row, usable].entries()) expect(time, names[at]).toBeDefined();
  // Throttling slows the page down, not its worker: what that takes counts so many times, beside the reading of the store.
  const key = took * SLOWDOWN;
  const open = usable! - Math.max(derived!, read!);
  return { lock: lock!, unlock: asked! - tap! + Math.max(key, read! - asked!) + open, key, open };
}
