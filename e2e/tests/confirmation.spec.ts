/**
 * Confirming and returning: the head of the union confirms what a volunteer logged, reports keep what was confirmed, and what is
 * returned comes back to its author's list by itself.
 */
import { type Page } from '@playwright/test';
import { Area, VINH_YEN, WOMEN, call, today, tokenOf } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import type { Server } from '../lib/server.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, goTo, openForm, openVisit, save, somethingWaits } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

/** Attendance in the report of this year: of all records, or of those that were confirmed. */
async function attendance(server: Server, token: string, records: 'all' | 'confirmed'): Promise<number | undefined> {
  const day = today();
  const path = `/api/v1/reports/activity?from=${day.slice(0, 4)}-01-01&to=${day}&records=${records}`;
  const report = await call<{ total: { figures: { counts: Record<string, number> } } }>(server, 'GET', path, { token });
  return report.total.figures.counts.attendance;
}

/** What the report says in the end: what was saved just now may still be on its way. */
async function reported(server: Server, token: string, records: 'all' | 'confirmed', people?: number): Promise<void> {
  await expect.poll(() => attendance(server, token, records), { timeout: 30_000 }).toBe(people);
}

const standing = (page: Page) => page.getByTestId('visit-state').getByTestId('standing');

test('confirmed offline by the head of the union, edited afterwards, returned and completed', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  await area.add({ fullName: 'Thu', name: 'thu', role: 'union_head', ward: VINH_YEN, organisation: WOMEN });
  const supervisor = await tokenOf(server, 'phuong');
  const lan = await startPhone('lan', { url: server.url });
  const thu = await startPhone('thu', { url: server.url });
  for (const [phone, name] of [
    [lan, 'lan'],
    [thu, 'thu'],
  ] as const) {
    await comeIn(phone, name);
  }
  await openForm(lan.page);
  await addPlace(lan.page, SCHOOL, 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 80 });
  await save(lan.page);
  const id = (await lan.page.getByTestId('open-saved').getAttribute('href'))?.split('/').pop() ?? '';
  await allSent(lan.page);

  await test.step('it waits for the head, who confirms it without signal', async () => {
    await goTo(thu.page, '/');
    await expect(thu.page.getByTestId('to-confirm')).toContainText('1', { timeout: 60_000 });
    await thu.offline(true);
    await thu.page.getByTestId('to-confirm').click();
    await expect(thu.page.getByTestId('visit-row')).toHaveCount(1);
    await thu.page.getByTestId('visit-row').locator('a').click();
    await thu.page.getByTestId('confirm').click();
    await expect(standing(thu.page)).toHaveText('Đã xác nhận');
    await expect(thu.page.getByTestId('confirm')).toHaveCount(0);
    await somethingWaits(thu.page);
    await reported(server, supervisor, 'confirmed', undefined);
    await thu.offline(false);
    await allSent(thu.page);
  });
  await test.step('its author sees it, and may not confirm it', async () => {
    await openVisit(lan.page, id);
    await expect(standing(lan.page)).toHaveText('Đã xác nhận', { timeout: 60_000 });
    await expect(lan.page.getByTestId('confirmed-by')).toContainText('Thu');
    await expect(lan.page.getByTestId('confirmation')).toHaveCount(0);
    await reported(server, supervisor, 'confirmed', 80);
  });
  await test.step('edited since: everybody sees it, and the report keeps what was confirmed', async () => {
    await editVisit(lan.page, { attendance: 60 });
    await allSent(lan.page);
    for (const { page } of [lan, thu]) {
      await expect(standing(page)).toHaveText('Đã sửa sau xác nhận', { timeout: 60_000 });
      await expect(page.getByTestId('fact-attendance')).toHaveText('60');
    }
    for (const records of ['all', 'confirmed'] as const) await reported(server, supervisor, records, 80);
    await thu.page.getByTestId('confirm').click();
    await allSent(thu.page);
    await reported(server, supervisor, 'all', 60);
  });
  await test.step('returned with a reason: it comes back to the author, the field is marked', async () => {
    await thu.page.getByTestId('return-button').click();
    await thu.page.getByTestId('return-field').selectOption('attendance');
    await thu.page.getByTestId('return-confirm').click();
    await expect(thu.page.locator('dialog[open] .field-problem')).toBeVisible();
    await thu.page.getByTestId('return-reason').fill('Chưa khớp với danh sách ký tên');
    await thu.page.getByTestId('return-confirm').click();
    await expect(thu.page.getByTestId('returned-because')).toContainText('Chưa khớp');
    await allSent(thu.page);
    await goTo(lan.page, '/');
    const back = lan.page.getByTestId('returned-row');
    await expect(back).toContainText('Chưa khớp với danh sách ký tên', { timeout: 60_000 });
    await back.locator('a').click();
    await lan.page.getByTestId('edit-button').click();
    await expect(lan.page.locator('#field-attendance-problem')).toContainText('đề nghị bổ sung');
    await reported(server, supervisor, 'confirmed', undefined);
  });
  await test.step('completed, it waits for the head again', async () => {
    await fillVisit(lan.page, { attendance: 65 });
    await save(lan.page);
    await expect(standing(lan.page)).toHaveText('Đã bổ sung, chờ xác nhận');
    await allSent(lan.page);
    await goTo(lan.page, '/');
    await expect(lan.page.getByTestId('returned-row')).toHaveCount(0);
    await goTo(thu.page, '/');
    await expect(thu.page.getByTestId('to-confirm')).toContainText('1', { timeout: 60_000 });
    await openVisit(thu.page, id);
    await expect(thu.page.getByTestId('history')).toContainText('Trả lại để bổ sung: Lượt người dự: Chưa khớp');
  });
});
