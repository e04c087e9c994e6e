/**
 * For everybody: no finding of axe on any screen, in every theme and at both sizes, and the main job without a mouse.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { type Looker, type Screen, open, routes, secretOf, shown } from '../lib/routes.ts';
import { demoSignIn, openAt, readyOffline } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

// A recording of every step of axe takes longer than axe.
test.use({ trace: 'off' });

const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
const THEMES = ['light', 'dark', 'contrast'];

/** What axe finds, each finding with the elements it is about. */
async function findings(page: Page): Promise<string[]> {
  // The app has no frames: axe runs where it looks, without a second page to put the parts together. Of what passes it
  // lists the rules, not every element.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations, passes } = await axe.analyze();
  expect(page.frames(), 'all of the page is looked at').toHaveLength(1);
  expect(passes.length, 'axe has looked').toBeGreaterThan(10);
  return violations.flatMap((finding) =>
    finding.nodes.map((node) => `${finding.id}: ${node.target.join(' ')} — ${node.failureSummary ?? finding.help}`),
  );
}

/** Looks at one screen in every theme and at both sizes. */
async function look(page: Page, screen: Screen, secret?: string): Promise<string[]> {
  const found: string[] = [];
  await open(page, screen, secret);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      // As the person's choice does it; loading every screen six times would take minutes.
      await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
      await shown(page, screen);
      for (const finding of await findings(page)) found.push(`${screen.name} ${size.width} ${theme}: ${finding}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      if (wide) found.push(`${screen.name} ${size.width} ${theme}: the page scrolls sideways`);
    }
  }
  return found;
}

test('axe finds nothing before sign-in', async ({ startServer, startPhone }) => {
  for (const content of ['demo', 'empty'] as const) {
    const server = await startServer({ content });
    const phone = await startPhone(content, { url: server.url });
    await phone.openInstalled();
    if (content === 'empty') {
      expect(await look(phone.page, { name: 'set-up', path: `/#/set-up/${server.setUpToken}`, ready: 'set-up-next' })).toEqual([]);
    } else {
      expect.soft(await look(phone.page, { name: 'sign-in', path: '/', ready: 'demo-sign-in' })).toEqual([]);
      expect.soft(await look(phone.page, { name: 'styleguide', path: '/styleguide', ready: 'save-button' })).toEqual([]);
    }
  }
});

for (const who of ['lan', 'phuong', 'nga', 'quantri'] satisfies Looker[]) {
  test(`axe finds nothing on the screens of ${who}`, async ({ startServer, startPhone }) => {
    test.setTimeout(600_000);
    const server = await startServer({ content: 'demo' });
    const phone = await startPhone(who, { url: server.url });
    await phone.openInstalled();
    await demoSignIn(phone.page, who, secretOf(who));
    await readyOffline(phone.page);
    const all = await routes(phone.page, who);
    // What everybody has is looked at once.
    const alone = ['report', 'places', 'people', 'access-log', 'handed-over', 'rules', 'assignment-form'];
    const mine = ({ name }: Screen) => who === 'lan' || alone.includes(name) || /case|check-in/.test(name);
    for (const screen of all.filter(mine)) {
      expect.soft(await look(phone.page, screen, secretOf(who))).toEqual([]);
    }
  });
}

/** Presses Tab until the element has the focus; what has the focus must be seen to have it. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed += 1) {
    const here = await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector);
    if (here) {
      await expectFocusVisible(page);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${selector}`);
}

/** The focused element, or the label drawn over it, has an outline. */
async function expectFocusVisible(page: Page): Promise<void> {
  const outlined = await page.evaluate(() => {
    const focused = document.activeElement!;
    const drawn = [focused, focused.nextElementSibling, focused.closest('label')].filter((one) => one !== null);
    return drawn.some((element) => {
      const style = getComputedStyle(element!);
      return (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none';
    });
  });
  expect(outlined, 'the focus can be seen').toBe(true);
}

test('a visit is logged with the keyboard alone', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'demo' });
  const phone = await startPhone('keys', { url: server.url });
  const { page } = phone;
  await phone.openInstalled();
  await demoSignIn(page, 'lan');
  await readyOffline(page);
  await openAt(page, '/');
  await expect(page.getByTestId('visit-row').first()).toBeVisible();
  const keys = page.keyboard;
  const on = (testId: string) => `[data-testid="${testId}"]`;

  await tabTo(page, on('new-visit'));
  await keys.press('Enter');
  await expect(page.getByTestId('save-button')).toBeVisible();

  await tabTo(page, on('save-button'));
  await keys.press('Enter');
  // What is missing is said first, and the focus is where it is said.
  await expect(page.locator('#error-summary')).toBeFocused();
  await keys.press('Tab');
  await keys.press('Enter');
  await expect(page.locator('#error-summary :focus')).toHaveCount(0);

  await tabTo(page, on('venue-picker'));
  await keys.press('Enter');
  await expect(page.getByTestId('place-search')).toBeFocused();
  await keys.type('thcs');
  await tabTo(page, on('place-option'));
  const place = (await page.evaluate(() => document.activeElement?.firstElementChild?.textContent)) ?? '';
  expect(place).toContain('THCS');
  await keys.press('Enter');
  await expect(page.getByTestId('venue-picker')).toContainText(place);

  await tabTo(page, '[name="form"]');
  await keys.press('Space');
  await keys.press('ArrowDown');
  await expect(page.locator('[name="form"]:checked')).toHaveCount(1);

  await tabTo(page, on('attendance-input'));
  await keys.type('64');
  await tabTo(page, on('save-button'));
  await keys.press('Enter');
  await expect(page.getByTestId('saved-line')).toBeVisible();

  await tabTo(page, on('open-saved'));
  await keys.press('Enter');
  await expect(page.getByTestId('fact-attendance')).toHaveText('64');
  await expect(page.getByTestId('fact-venue')).toHaveText(place);
});
