/**
 * The rules of after-care and the directory of services: an administrator changes them, and phones go by them, also where
 * there is no connection.
 */
import { Area, VINH_YEN, today } from '../lib/area.ts';
import { PHRASE, beginCase, openCase } from '../lib/cases.ts';
import { allSent, choose, comeIn, goTo, openAt, PIN, save, signIn, unlock } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';
import type { Page } from '@playwright/test';

async function openRules(page: Page): Promise<void> {
  await goTo(page, '/me');
  await page.getByTestId('way-rules').click();
  await expect(page.getByTestId('rule-row').first()).toBeVisible();
}

/** Opens the rule that says both. */
async function editRule(page: Page, title: string, also: string): Promise<void> {
  const row = page.getByTestId('rule-row').filter({ hasText: title }).filter({ hasText: also });
  await expect(row).toHaveCount(1);
  await row.getByTestId('edit-rule').click();
  await expect(page.getByTestId('rule-keep')).toBeVisible();
}

test('a rule changed by the administrator changes what is due and when after-care ends, on the phone and on the server', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Hải', name: 'hai', role: 'administrator' });
  const officer = await startPhone('thu', { url: server.url });
  await comeIn(officer, 'thu', PHRASE);
  const { page: thu } = officer;
  await beginCase(thu, 'anh Hùng');
  await openCase(thu, 'anh Hùng');
  await expect(thu.getByTestId('fact-term')).toHaveText('15/08/2026 – 15/08/2028');
  await expect(thu.getByTestId('case-due')).toContainText('Quá hạn');
  await allSent(thu);
  await goTo(thu, '/report');
  await expect(thu.getByTestId('care-overdue')).toHaveText('dưới 5');

  const office = await startPhone('hai', { url: server.url, width: 1280, height: 800 });
  const { page: hai } = office;
  await office.openInstalled();
  await signIn(hai, 'hai');
  await openRules(hai);
  // The law of 2026 ships unverified.
  const law = hai.getByTestId('rule-row').filter({ hasText: 'từ đủ 18 tuổi' }).filter({ hasText: '120/2025/QH15' });
  await expect(law.getByTestId('to-confirm')).toBeVisible();
  await test.step('18 months instead of 24, verified; every six months instead of one', async () => {
    await editRule(hai, 'từ đủ 18 tuổi', '120/2025/QH15');
    await hai.getByTestId('rule-months').fill('18');
    await hai.getByTestId('rule-confirmed').check();
    await hai.getByTestId('rule-keep').click();
    await expect(hai.getByTestId('rules-told')).toContainText('Đã lưu');
    await expect(law).toContainText('18 tháng');
    await expect(law.getByTestId('to-confirm')).toHaveCount(0);
    await editRule(hai, 'Thăm, gặp', '1 tháng');
    await hai.getByTestId('rule-months').fill('6');
    await hai.getByTestId('rule-keep').click();
    await expect(hai.getByTestId('rules-change')).toHaveCount(2);
    await test.step('and from a day on nobody begins with detention', async () => {
      await hai.locator('summary', { hasText: 'Diễn biến của hồ sơ' }).click();
      const detained = hai.getByTestId('rule-row').filter({ has: hai.getByText('Bị giam giữ', { exact: true }) });
      await detained.getByTestId('rule-from-a-day').click();
      await hai.getByTestId('rule-from').fill(today());
      await hai.getByTestId('rule-first').uncheck();
      await hai.getByTestId('rule-keep').click();
      await expect(hai.getByTestId('rules-change')).toHaveCount(3);
      await expect(detained).toHaveCount(2);
      await expect(detained.first().getByTestId('to-confirm')).toBeVisible();
    });
    const first = hai.getByTestId('rules-change').nth(2);
    await expect(first).toContainText('Hải');
    await expect(first).toContainText('24 tháng');
    await expect(first).toContainText('18 tháng');
  });

  await test.step('the phone learns it at its next contact', async () => {
    await openAt(thu, '/cases', PHRASE);
    await openCase(thu, 'anh Hùng');
    await expect(thu.getByTestId('case-due')).toContainText('15/02/2027', { timeout: 60_000 });
    await thu.getByTestId('add-event').click();
    await expect(thu.getByTestId('event-kind').locator('option[value="absence"]')).toHaveCount(1);
    await expect(thu.getByTestId('event-kind').locator('option[value="detention"]')).toHaveCount(0);
    await thu.keyboard.press('Escape');
  });
  await test.step('and keeps it where there is no connection', async () => {
    await officer.offline(true);
    await openAt(thu, '/cases', PHRASE);
    await openCase(thu, 'anh Hùng');
    await expect(thu.getByTestId('case-due')).toContainText('15/02/2027');
    await expect(thu.getByTestId('restricted')).toContainText('khác với quy định');
    await thu.getByTestId('edit-button').click();
    await expect(thu.getByTestId('ends-by-rule')).toContainText('15/02/2028');
    await expect(thu.getByTestId('ends-changes')).toContainText('15/08/2028');
    await save(thu);
    await expect(thu.getByTestId('fact-term')).toHaveText('15/08/2026 – 15/02/2028');
    await expect(thu.getByTestId('restricted')).not.toContainText('khác với quy định');
    await officer.offline(false);
    await allSent(thu);
  });
});

test('two administrators change the rules at once: the second is told and loses nothing', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Hải', name: 'hai', role: 'administrator' });
  const office = await startPhone('hai', { url: server.url, width: 1280, height: 800 });
  await office.openInstalled();
  await signIn(office.page, 'hai');
  await openRules(office.page);
  const other = await office.context.newPage();
  await other.goto('/rules');
  await unlock(other, PIN);
  await editRule(other, 'Thăm, gặp', '1 tháng');
  await other.getByTestId('rule-late').fill('10');
  await other.getByTestId('rule-keep').click();
  await expect(other.getByTestId('rules-told')).toContainText('Đã lưu');

  await editRule(office.page, 'Thăm, gặp', '1 tháng');
  await office.page.getByTestId('rule-months').fill('2');
  await office.page.getByTestId('rule-keep').click();
  await expect(office.page.getByTestId('rules-told')).toContainText('Người khác vừa sửa');
  // What holds now is shown, and the change can be made from it.
  await expect(office.page.getByTestId('rule-row').filter({ hasText: 'trễ trong 10 ngày' })).toHaveCount(1);
  await editRule(office.page, 'Thăm, gặp', '1 tháng');
  await office.page.getByTestId('rule-months').fill('2');
  await office.page.getByTestId('rule-keep').click();
  await expect(office.page.getByTestId('rule-row').filter({ hasText: '2 tháng một lần; trễ trong 10 ngày' })).toHaveCount(1);
});

test('services and hotlines are found and called without a connection, and administrators add to them', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Hải', name: 'hai', role: 'administrator' });
  const office = await startPhone('hai', { url: server.url });
  await office.openInstalled();
  await signIn(office.page, 'hai');
  await openRules(office.page);
  await office.page.getByTestId('add-service').click();
  await office.page.getByTestId('service-kind').selectOption('job');
  await office.page.getByTestId('service-name').fill('Trung tâm dịch vụ việc làm');
  await office.page.getByTestId('service-phone').fill('0211 000 000');
  await office.page.getByTestId('service-address').fill('Đường Nguyễn Trãi');
  await office.page.getByTestId('rule-source').fill('Ủy ban nhân dân phường');
  await office.page.getByTestId('rule-keep').click();
  // Since when is missing.
  await expect(office.page.locator('#rule-dialog .field-problem')).toHaveCount(1);
  await office.page.getByTestId('rule-from').fill(today());
  await office.page.getByTestId('rule-keep').click();
  await expect(office.page.getByTestId('rules-told')).toContainText('Đã lưu');

  const officer = await startPhone('thu', { url: server.url });
  const { page } = officer;
  await comeIn(officer, 'thu', PHRASE);
  await goTo(page, '/me');
  await page.getByTestId('way-services').click();
  await expect(page.getByTestId('service-row')).toHaveCount(2, { timeout: 60_000 });
  await officer.offline(true);
  await page.getByTestId('service-search').fill('bao ve tre em');
  await expect(page.getByTestId('service-row')).toHaveCount(1);
  await expect(page.getByTestId('call')).toHaveAttribute('href', 'tel:111');
  await page.getByTestId('service-search').fill('viec lam');
  await expect(page.getByTestId('call')).toHaveAttribute('href', 'tel:0211000000');
  await expect(page.getByTestId('service-row')).toContainText('cần xác nhận');
  await page.getByTestId('service-search').fill('khong co dau');
  await expect(page.getByTestId('no-service')).toBeVisible();
  await test.step('where somebody is referred, the place is shown', async () => {
    await beginCase(page, 'chị Lụa');
    await openCase(page, 'chị Lụa');
    await page.getByTestId('new-check-in').click();
    await page.getByTestId('more-support').locator('summary').click();
    await expect(page.getByTestId('service-row')).toHaveCount(0);
    await choose(page, 'referred-chip-job');
    await expect(page.getByTestId('service-row')).toContainText('Trung tâm dịch vụ việc làm');
  });
});
