/**
 * Every screen there is, with who sees it, for the tests that look at all of them.
 */
import { type Page, expect } from '@playwright/test';
import { PHRASE } from './cases.ts';
import { PIN, choose, goTo, press, unlock } from './steps.ts';

/** A screen: a name for pictures and messages, and where it is. */
export interface Screen {
  name: string;
  path: string;
  /** The test name of something that stands only once the screen has read what it shows. */
  ready: string;
}

/**
 * Who looks: `lan` is a volunteer, `phuong` a ward supervisor, `nga` an officer of after-care, `quantri` the administrator of
 * the demo.
 */
export type Looker = 'lan' | 'phuong' | 'nga' | 'quantri';

/** What opens the records of that person: of whoever holds cases, a phrase. */
export function secretOf(who: Looker): string {
  return who === 'nga' ? PHRASE : PIN;
}

const LOG: Screen = { name: 'access-log', path: '/access-log', ready: 'log-line' };

/** The screens that a person of the demo can open, the record being the first in the list. */
export async function routes(page: Page, who: Looker): Promise<Screen[]> {
  const own: Screen[] = [
    { name: 'home', path: '/', ready: 'visit-row' },
    { name: 'list', path: '/visits', ready: 'visit-row' },
    { name: 'sync', path: '/sync', ready: 'waiting-count' },
    { name: 'me', path: '/me', ready: 'way-sync' },
    { name: 'lock', path: '/', ready: 'lock-secret' },
    { name: 'secret', path: '/me/secret', ready: 'new-secret' },
    { name: 'password', path: '/me/password', ready: 'new-password' },
    { name: 'devices', path: '/devices', ready: 'device-row' },
    { name: 'services', path: '/services', ready: 'service-row' },
    { name: 'not-found', path: '/no-such-screen', ready: 'back' },
  ];
  // An administrator has no records.
  if (who === 'quantri') return [...own.filter((screen) => screen.ready !== 'visit-row'), { name: 'people', path: '/people', ready: 'person-row' }, { name: 'rules', path: '/rules', ready: 'rule-row' }, LOG];
  if (who === 'nga') return [...own.filter((screen) => screen.ready !== 'visit-row'), ...(await ofCases(page))];
  await goTo(page, '/visits');
  const first = page.locator('[data-testid="visit-row"] a').first();
  await expect(first).toBeVisible({ timeout: 60_000 });
  const record = (await first.getAttribute('href'))!;
  own.push(
    { name: 'form', path: '/visits/new', ready: 'save-button' },
    { name: 'visit', path: record, ready: 'visit-state' },
    { name: 'edit', path: `${record}/edit`, ready: 'save-button' },
    { name: 'tally', path: `${record}/tally`, ready: 'tally-total' },
    { name: 'report', path: '/report', ready: 'ward-row' },
    { name: 'assignments', path: '/assignments', ready: 'assignment-row' },
  );
  for (const [kind, name, ready] of [['drives', 'drive', 'visit-state'], ['models', 'model', 'visit-state']] as const) {
    await choose(page, `filter-chip-${kind}`);
    const row = page.locator(`[data-testid="${name}-row"] a`).first();
    await expect(row).toBeVisible();
    const found = (await row.getAttribute('href'))!;
    await press(page, `filter-chip-${kind}`);
    own.push(
      { name: `${name}-form`, path: `/${kind}/new`, ready: 'save-button' },
      { name, path: found, ready },
      { name: `${name}-edit`, path: `${found}/edit`, ready: 'save-button' },
    );
  }
  if (who === 'phuong') {
    own.push({ name: 'places', path: '/places', ready: 'proposed-place' }, LOG);
    own.push({ name: 'people', path: '/people', ready: 'person-row' });
    own.push({ name: 'assignment-form', path: '/assignments/new', ready: 'save-button' });
    own.push({ name: 'handed-over', path: '/handed-over', ready: 'handed-over-none' });
  }
  return own;
}

/** The screens of whoever holds cases, the case being the first in the list that was visited. */
async function ofCases(page: Page): Promise<Screen[]> {
  await goTo(page, '/');
  await page.getByTestId('all-cases').click();
  const first = page.locator('[data-testid="case-row"] a').first();
  await expect(first).toBeVisible({ timeout: 60_000 });
  const record = (await first.getAttribute('href'))!;
  await first.click();
  const visited = page.locator('[data-testid="check-in-row"] a').first();
  await expect(visited).toBeVisible();
  const checkIn = (await visited.getAttribute('href'))!;
  await page.getByTestId('back').click();
  return [
    { name: 'home-cases', path: '/', ready: 'due-row' },
    { name: 'cases', path: '/cases', ready: 'case-row' },
    { name: 'case', path: record, ready: 'restricted' },
    { name: 'case-edit', path: `${record}/edit`, ready: 'save-button' },
    { name: 'check-in-form', path: `${record}/check-in`, ready: 'save-button' },
    { name: 'check-in', path: checkIn, ready: 'visit-state' },
    { name: 'check-ins-waiting', path: '/check-ins', ready: 'waiting-row' },
    { name: 'report-cases', path: '/report', ready: 'care-row' },
  ];
}

/** Opens a screen, past the lock, and waits until it shows what it has to show and nothing moves any more. */
export async function open(page: Page, screen: Screen, secret = PIN): Promise<void> {
  // A secret behind `#` alone would not load the page anew.
  if (screen.path.includes('#')) await page.goto('about:blank');
  await page.goto(screen.path);
  const lock = page.getByTestId('lock-secret');
  await expect(lock.or(page.getByTestId(screen.ready)).first()).toBeVisible({ timeout: 30_000 });
  if (screen.ready !== 'lock-secret' && (await lock.isVisible())) await unlock(page, secret);
  await shown(page, screen);
}

/** Waits until the screen that is being opened shows what it has to show and nothing moves any more. */
export async function shown(page: Page, screen: Screen): Promise<void> {
  await expect(page.locator('#shell')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByTestId(screen.ready).first()).toBeVisible({ timeout: 30_000 });
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
}
