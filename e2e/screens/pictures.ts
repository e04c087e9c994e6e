/**
 * One picture a screen, at both sizes; home, the form and the report also in the dark and high-contrast themes.
 */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Looker, type Screen, open, routes, secretOf } from '../lib/routes.ts';
import { demoSignIn, fillVisit, readyOffline } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
/** Screens that are also shown in the other themes. */
const THEMED = ['home', 'form', 'report'];

function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run cargo xtask screens`);
  return value;
}

/** Takes the pictures of one screen; `act` brings it into the state to be shown. */
async function picture(
  page: Page,
  screen: Screen,
  act?: (page: Page) => Promise<void>,
  secret?: string,
): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMED.includes(screen.name) ? ['light', 'dark', 'contrast'] : ['light']) {
      await page.evaluate((theme) => localStorage.setItem('theme', theme), theme);
      await open(page, screen, secret);
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      await act?.(page);
      const file = `${size.width}-${screen.name}${theme === 'light' ? '' : `-${theme}`}.png`;
      await page.screenshot({ path: join(need('DONGHANH_SCREENS'), file) });
    }
  }
}

test('before sign-in', async ({ startPhone, startServer }) => {
  const phone = await startPhone('before', { url: need('DONGHANH_URL') });
  await phone.openInstalled();
  await picture(phone.page, { name: 'sign-in', path: '/', ready: 'demo-sign-in' });
  await picture(phone.page, { name: 'styleguide', path: '/styleguide', ready: 'save-button' });
  const empty = await startServer({ content: 'empty' });
  const first = await startPhone('first', { url: empty.url });
  await first.openInstalled();
  await picture(first.page, { name: 'set-up', path: `/#/set-up/${empty.setUpToken}`, ready: 'set-up-next' });
});

for (const who of ['lan', 'phuong', 'nga', 'quantri'] satisfies Looker[]) {
  test(`the screens of ${who}`, async ({ startPhone }) => {
    const phone = await startPhone(who, { url: need('DONGHANH_URL') });
    const { page } = phone;
    await phone.openInstalled();
    await demoSignIn(page, who, secretOf(who));
    await readyOffline(page);
    const all = await routes(page, who);
    // Everybody has a home and a "me"; one picture of each is enough, and the supervisor's report is the fuller one.
    const mine = all.filter(({ name }) => {
      if (who === 'lan') return name !== 'report';
      if (/case|check-in/.test(name)) return true;
      const alone = ['report', 'places', 'people', 'access-log', 'handed-over', 'rules', 'assignment-form'];
      return alone.includes(name);
    });
    for (const screen of mine) await picture(page, screen, undefined, secretOf(who));
    if (who === 'lan') {
      const form = { path: '/visits/new', ready: 'save-button' };
      await picture(page, { ...form, name: 'form-mistakes' }, async (page) => {
        await page.getByTestId('save-button').click();
        await expect(page.getByTestId('error-summary')).toBeVisible();
      });
      await picture(page, { ...form, name: 'place-picker' }, (page) => page.getByTestId('venue-picker').click());
      await picture(page, { ...form, name: 'form-filled' }, async (page) => {
        // The picture before this one left a draft.
        if (await page.getByTestId('draft-drop').isVisible()) {
          await page.getByTestId('draft-drop').click();
          await page.getByTestId('new-visit').click();
          await expect(page.getByTestId('draft-drop')).toHaveCount(0);
        }
        await fillVisit(page, { form: 'talk', attendance: 80, topics: ['harm', 'law'], notes: 'Các em hỏi nhiều.' });
        await page.evaluate(() => window.scrollTo(0, 0));
      });
    }
  });
}
