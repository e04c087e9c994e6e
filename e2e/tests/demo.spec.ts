/**
 * The demo: marked on every screen, entered by a button, searched without marks, read in both languages; and its
 * records never reach a server that is not that demo.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { Area, VINH_YEN, call, tokenOf, today } from '../lib/area.ts';
import { open, routes } from '../lib/routes.ts';
import { choose, demoSignIn, goTo, openAt, readyOffline, signIn, somethingWaits, syncNow } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('the demo is marked on every screen, found without marks, and switches to English whole', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'demo' });
  const phone = await startPhone('demo', { url: server.url });
  const { page } = phone;

  await test.step('before sign-in', async () => {
    await phone.openInstalled();
    await expect(page.getByTestId('demo-banner')).toContainText('DỮ LIỆU THỬ');
    await demoSignIn(page, 'phuong');
    await readyOffline(page);
  });

  await test.step('search needs no marks', async () => {
    await goTo(page, '/visits');
    const rows = page.getByTestId('visit-row');
    await expect(rows.first()).toBeVisible();
    const found = async (question: string): Promise<number> => {
      await page.getByTestId('search-input').fill(question);
      await expect(page.getByTestId('result-count')).toHaveText(/\d/);
      return Number((await page.getByTestId('result-count').textContent())!.replace(/\D/g, ''));
    };
    const everything = await found('');
    const marked = await found('nói chuyện');
    expect(marked).toBeGreaterThan(0);
    expect(marked).toBeLessThan(everything);
    expect(await found('NOI CHUYEN')).toBe(marked);
    expect(await found('nói chuyện'.normalize('NFD'))).toBe(marked);
    await expect(rows.first()).toContainText('Nói chuyện');
    expect(await found('khong co gi nhu the')).toBe(0);
    await page.getByTestId('search-input').fill('');
  });

  await test.step('every screen bears the banner, and speaks the language chosen', async () => {
    const names: string[] = [];
    for (const language of ['vi', 'en'] as const) {
      await goTo(page, '/me');
      await choose(page, `language-chip-${language}`);
      for (const route of await routes(page, 'phuong')) {
        await open(page, route);
        await expect(page.getByTestId('demo-banner'), route.path).toBeVisible();
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        if (language === 'en') await expectNoVietnamese(page, route.path, names);
      }
    }
  });
});

/** Every sentence of the Vietnamese interface that English says otherwise. */
function vietnameseSentences(): Set<string> {
  const read = (language: string) => {
    const path = resolve(import.meta.dirname, `../../app/locales/${language}.json`);
    return flat(JSON.parse(readFileSync(path, 'utf8')));
  };
  const [vi, en] = [read('vi'), read('en')];
  return new Set([...vi].filter(([key, words]) => en.get(key) !== words && !words.includes('{')).map(([, words]) => words));
}

function flat(value: unknown, prefix = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'string') into.set(prefix, value);
  else if (value && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) flat(inner, `${prefix}.${key}`, into);
  }
  return into;
}

/** What stands on screens and is data: titles of records, places, and what people chose. */
const DATA = '.row-title, .row-detail, .picked, option, dd, [data-testid="proposed-place"] p, [data-testid="ward-row"] th, [data-testid="alike"] p.small';

/**
 * Labels, headings, buttons: no Vietnamese sentence, and no Vietnamese letters but in names. `names` collects what
 * was seen as data, because the name of a place in a list is the heading of the next screen.
 */
async function expectNoVietnamese(page: Page, path: string, names: string[]): Promise<void> {
  names.push(...(await page.locator(DATA).allTextContents()));
  // A model is headed by the name that people gave it.
  if (/^\/models\/[0-9a-f]+/.test(path)) names.push(...(await page.locator('h1').allTextContents()));
  const labels = page.locator(
    'h1, h2, h3, button, label, legend, summary, th, dt, nav a, .button, .mark, .field-hint, [role="status"], [role="note"]',
  );
  const texts = await labels.evaluateAll((elements) =>
    elements
      .filter((element) => element.checkVisibility())
      .flatMap((element) => {
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        const found: string[] = [];
        while (walker.nextNode()) found.push(walker.currentNode.textContent!.trim());
        return found.filter((text) => text !== '');
      }),
  );
  expect(texts.length, `labels on ${path}`).toBeGreaterThan(3);
  const sentences = vietnameseSentences();
  expect(texts.filter((text) => sentences.has(text)), `Vietnamese sentences on ${path}`).toEqual([]);
  const own = /^(Phường|Xã|Tiếng Việt$|Đồng Hành$)/;
  const known = names.join('\n');
  const left = texts.filter((text) => /[ăâđêôơưà-ỹ]/i.test(text) && !own.test(text) && !known.includes(text));
  expect(left, `Vietnamese letters on ${path}`).toEqual([]);
}

test('records of a demo never reach another server at the same address', async ({ startServer, startPhone }) => {
  const demo = await startServer({ content: 'demo' });
  const phone = await startPhone('demo', { url: demo.url });
  const { page } = phone;
  await phone.openInstalled();
  await demoSignIn(page, 'lan');
  await readyOffline(page);
  await goTo(page, '/visits');
  const before = await page.getByTestId('visit-row').count();
  expect(before).toBeGreaterThan(0);

  await demo.kill();
  await goTo(page, '/');
  await page.getByTestId('new-visit').click();
  await page.getByTestId('like-last').click();
  await expect(page.locator('[data-testid^="form-chip-"]:checked')).toHaveCount(1);
  await page.getByTestId('notes-input').fill('Bản ghi của bản thử.');
  await page.getByTestId('save-button').click();
  await expect(page.getByTestId('saved-line')).toContainText('Đã lưu trên máy');
  await somethingWaits(page);

  const real = await startServer({ content: 'empty', port: demo.port });
  const area = await Area.setUp(real);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);

  await test.step('the phone keeps its record and says why it is not sent', async () => {
    await syncNow(page);
    await expect(page.getByText('Dữ liệu thử và dữ liệu thật không gửi lẫn cho nhau.')).toBeVisible({ timeout: 60_000 });
    await somethingWaits(page);
    await openAt(page, page.url());
    await expect(page.getByTestId('demo-banner')).toBeVisible();
    await page.getByTestId('sync-now').click();
    await expect(page.getByText('Dữ liệu thử và dữ liệu thật không gửi lẫn cho nhau.')).toBeVisible({ timeout: 60_000 });
    await somethingWaits(page);
  });

  await test.step('the other server got nothing', async () => {
    const token = await tokenOf(real, 'phuong');
    const path = `/api/v1/reports/activity?from=2020-01-01&to=${today()}&grouping=as_then`;
    const report = await call<{ total: { figures: { visits: number } } }>(real, 'GET', path, { token });
    expect(report.total.figures.visits).toBe(0);
    const other = await startPhone('real', { url: real.url });
    await other.openInstalled();
    await expect(other.page.getByTestId('demo-banner')).toHaveCount(0);
    await signIn(other.page, 'lan');
    await readyOffline(other.page);
    await goTo(other.page, '/visits');
    await expect(other.page.getByTestId('result-count')).toHaveText(/^\D*0\D*$/);
  });

  await test.step('back at its own server, it is sent', async () => {
    await real.kill();
    await demo.up();
    await page.getByTestId('sync-now').click();
    await expect(page.getByTestId('sync-footer')).toHaveAttribute('class', 'sync-footer', { timeout: 60_000 });
  });
});
