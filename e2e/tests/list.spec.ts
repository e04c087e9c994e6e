/** Lists that change while somebody looks at them. */
import { VINH_YEN } from '../lib/area.ts';
import { SCHOOL, lanAtWork } from '../lib/lan.ts';
import { comeIn, goTo, logVisit, savedId } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('a row stays what it was when another comes before it: under the finger and under the keyboard', async ({
  startServer,
  startPhone,
}) => {
  const { server, area, page: lan } = await lanAtWork({ startServer, startPhone });
  const first = await savedId(lan);
  await area.minh(VINH_YEN);
  const minh = await startPhone('minh', { url: server.url });
  await comeIn(minh, 'minh');
  for (const path of ['/visits', '/'] as const) {
    await goTo(minh.page, path);
    const row = minh.page.locator(`[data-testid="visit-row"] a[href="/visits/${first}"]`);
    await row.focus();
    const element = await row.elementHandle();
    const rows = await minh.page.getByTestId('visit-row').count();
    await logVisit(lan, { form: 'talk', venue: SCHOOL, attendance: 33 });
    await expect(minh.page.getByTestId('visit-row')).toHaveCount(rows + 1, { timeout: 60_000 });
    await expect(minh.page.getByTestId('visit-row').first()).not.toContainText('41');
    expect(await element!.getAttribute('href'), 'the element shows what it showed').toBe(`/visits/${first}`);
    const focused = await minh.page.evaluate(() => document.activeElement?.getAttribute('href'));
    expect(focused, 'so does the focus').toBe(`/visits/${first}`);
  }
});
