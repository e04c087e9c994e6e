/**
 * Assignments: a supervisor asks a union or a person for work by a day; whoever is asked sees it at the top of home, on no
 * phone of another union it stands there, and the records of work fulfil it by themselves, offline too. An officer asks a helper
 * for check-ins, though neither reads the activity of the ward.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_YEN, WOMEN, today } from '../lib/area.ts';
import { PHRASE, assignHelper, beginCase, openCase } from '../lib/cases.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, choose, comeIn, fillVisit, goTo, logVisit, save } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const NAME = 'Tháng hành động';

/** So many days from today, ISO. */
function inDays(days: number): string {
  const day = new Date(`${today()}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** Opens the list of assignments from home. */
async function openAssignments(page: Page): Promise<void> {
  if (new URL(page.url()).pathname !== '/') await goTo(page, '/');
  await page.getByTestId('all-assignments').click();
  await expect(page).toHaveURL((url) => url.pathname === '/assignments');
}

async function openForm(page: Page): Promise<void> {
  await openAssignments(page);
  await page.getByTestId('new-assignment').click();
  await expect(page.getByTestId('save-button')).toBeVisible();
}

/** Names it, under "more". */
async function nameIt(page: Page, name: string): Promise<void> {
  await page.getByTestId('more-assignment').locator('summary').click();
  await page.getByTestId('assignment-name').fill(name);
}

test('asked offline, seen at the top by the union asked, fulfilled offline by its visits, closed by itself', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  await area.phuong(VINH_YEN);
  const [phuong, lan, minh] = [
    await startPhone('phuong', { url: server.url }),
    await startPhone('lan', { url: server.url }),
    await startPhone('minh', { url: server.url }),
  ];
  for (const [phone, name] of [[phuong, 'phuong'], [lan, 'lan'], [minh, 'minh']] as const) {
    await comeIn(phone, name);
  }

  await test.step('Phương asks the Women’s Union without a connection', async () => {
    const { page } = phuong;
    await phuong.offline(true);
    await openForm(page);
    await page.getByTestId('save-button').click();
    const missing = page.locator('#error-summary');
    for (const words of ['Chưa chọn việc cần làm', 'Chưa chọn đơn vị hoặc người', 'Chưa nhập số lượng', 'Chưa chọn hạn']) {
      await expect(missing).toContainText(words);
    }
    await choose(page, 'field-what-chip-outreach_visit');
    await page.getByTestId('field-form-asked').selectOption('talk');
    await page.getByTestId('count-asked').fill('2');
    await page.getByTestId('field-lead').selectOption(WOMEN);
    await page.getByTestId('field-by').fill(inDays(10));
    await nameIt(page, NAME);
    await save(page);
    await expect(page.getByTestId('assignment-row')).toContainText('0/2');
    await expect(page.getByTestId('assignment-row')).toContainText('chờ gửi');
    await phuong.offline(false);
    await allSent(page);
  });

  const mine = lan.page.getByTestId('asked-of-me');
  await test.step('Lan sees it at the top of home, Minh of the Youth Union does not', async () => {
    await goTo(lan.page, '/');
    await expect(mine).toContainText(NAME, { timeout: 60_000 });
    await expect(mine).toContainText('0/2');
    await goTo(minh.page, '/');
    await expect(minh.page.getByTestId('all-assignments')).toBeVisible({ timeout: 60_000 });
    await expect(minh.page.getByTestId('asked-of-me')).toHaveCount(0);
    await openAssignments(minh.page);
    await expect(minh.page.getByTestId('assignment-row')).toContainText(NAME);
    await expect(minh.page.getByTestId('new-assignment')).toHaveCount(0);
    await minh.page.getByTestId('assignment-row').locator('a').click();
    await expect(minh.page.getByTestId('standing')).toContainText('Đã làm 0/2');
    await expect(minh.page.getByTestId('edit-button')).toHaveCount(0);
    await expect(minh.page.getByTestId('start-work')).toHaveCount(0);
  });

  await test.step('two talks that Lan logs offline move it, and leaflets do not', async () => {
    const { page } = lan;
    await lan.offline(true);
    await mine.getByTestId('assignment-row').locator('a').click();
    await page.getByTestId('start-work').click();
    await expect(page.getByTestId('form-chip-talk')).toBeChecked();
    await addPlace(page, SCHOOL, 'school');
    await fillVisit(page, { attendance: 40 });
    await save(page);
    await expect(mine).toContainText('1/2');
    await logVisit(page, { form: 'leaflets', venue: SCHOOL, attendance: 30 });
    await expect(mine).toContainText('1/2');
    await logVisit(page, { form: 'talk', venue: SCHOOL, attendance: 50 });
    await expect(mine).toHaveCount(0);
    await openAssignments(page);
    const done = page.getByTestId('done-assignments');
    await expect(page.getByTestId('no-assignments')).toBeVisible();
    await done.locator('summary').click();
    await expect(done.getByTestId('assignment-row')).toContainText('2/2');
    await expect(done.getByTestId('assignment-row')).toContainText('đã xong');
    await lan.offline(false);
    await allSent(page);
  });

  await test.step('Phương sees it done, with the two visits that count', async () => {
    const { page } = phuong;
    await openAssignments(page);
    const done = page.getByTestId('done-assignments');
    await expect(done).toContainText('Đã xong: 1', { timeout: 60_000 });
    await done.locator('summary').click();
    await done.getByTestId('assignment-row').locator('a').click();
    await expect(page.getByTestId('standing')).toHaveText('Đã xong 2/2');
    await expect(page.getByTestId('counted').getByTestId('visit-row')).toHaveCount(2);
    await expect(page.getByTestId('fact-asked')).toContainText('Hội LHPN');
  });

  await test.step('a talk that was logged by mistake is removed, and it is open again', async () => {
    const { page } = phuong;
    await page.getByTestId('counted').getByTestId('visit-row').first().locator('a').click();
    await page.getByTestId('remove-button').click();
    await page.getByTestId('remove-reason').fill('Ghi nhầm');
    await page.getByTestId('remove-confirm').click();
    await allSent(page);
    await goTo(lan.page, '/');
    await expect(mine).toContainText('1/2', { timeout: 60_000 });
  });
});

test('a person is asked by name; check-ins tell nothing where no case is held; what is removed leaves the phone’s home', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  const [phuong, lan] = [await startPhone('phuong', { url: server.url }), await startPhone('lan', { url: server.url })];
  for (const [phone, name] of [[phuong, 'phuong'], [lan, 'lan']] as const) {
    await comeIn(phone, name);
  }
  const { page } = phuong;
  await openForm(page);
  await choose(page, 'field-what-chip-check_in');
  // An organisation visits no case.
  await expect(page.getByTestId('field-lead')).toHaveCount(0);
  await page.getByTestId('count-asked').fill('3');
  await page.getByTestId('field-person').selectOption({ label: 'Lan' });
  await page.getByTestId('field-by').fill(inDays(0));
  await save(page);
  await expect(page.getByTestId('assignment-row')).toContainText('chưa biết ở máy này');
  await expect(page.getByTestId('assignment-row')).toContainText('Lan');
  await allSent(page);
  const mine = lan.page.getByTestId('asked-of-me');
  await goTo(lan.page, '/');
  await expect(mine).toContainText('3 lần thăm, gặp', { timeout: 60_000 });
  await expect(mine).toContainText('hạn hôm nay');
  await page.getByTestId('assignment-row').locator('a').click();
  await expect(page.getByTestId('standing')).toContainText('chỉ được tính trên máy có hồ sơ');
  await page.getByTestId('remove-button').click();
  await page.getByTestId('remove-reason').fill('Giao nhầm');
  await page.getByTestId('remove-confirm').click();
  await allSent(page);
  await expect(mine).toHaveCount(0, { timeout: 60_000 });
});

test('an officer asks a helper for check-ins; the helper sees it at the top of home, and one logged offline moves it', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Ngô Mai', name: 'mai', role: 'helper', ward: VINH_YEN });
  await area.add({ fullName: 'Đỗ Hà', name: 'ha', role: 'helper', ward: VINH_YEN });
  const [thu, mai] = [await startPhone('thu', { url: server.url }), await startPhone('mai', { url: server.url })];
  for (const [phone, name] of [[thu, 'thu'], [mai, 'mai']] as const) {
    await comeIn(phone, name, PHRASE);
  }
  const { page } = thu;
  await beginCase(page, 'anh Hùng');
  await openCase(page, 'anh Hùng');
  await assignHelper(page, 'Ngô Mai');

  await test.step('the officer is offered check-ins alone, and helpers of the ward', async () => {
    await openForm(page);
    await expect(page.getByTestId('field-what-chip-check_in')).toBeChecked();
    await expect(page.getByTestId('field-what-chip-outreach_visit')).toHaveCount(0);
    await expect(page.getByTestId('field-lead')).toHaveCount(0);
    const people = page.getByTestId('field-person').locator('option');
    await expect(people).toHaveText(['Chọn một người', 'Ngô Mai', 'Đỗ Hà', 'Phạm Thu']);
    await page.getByTestId('count-asked').fill('2');
    await page.getByTestId('field-person').selectOption({ label: 'Ngô Mai' });
    await page.getByTestId('field-by').fill(inDays(10));
    await save(page);
    await expect(page.getByTestId('assignment-row')).toContainText('0/2');
    await allSent(page);
  });

  const helper = mai.page;
  const mine = helper.getByTestId('asked-of-me');
  await test.step('the helper sees it, and a check-in logged without a connection moves it', async () => {
    await goTo(helper, '/');
    await expect(helper.getByTestId('due-row')).toContainText('Thăm anh Hùng', { timeout: 60_000 });
    await expect(mine).toContainText('2 lần thăm, gặp', { timeout: 60_000 });
    await expect(mine).toContainText('0/2');
    await mai.offline(true);
    await mine.getByTestId('assignment-row').locator('a').click();
    await expect(helper.getByTestId('edit-button')).toHaveCount(0);
    await helper.getByTestId('start-work').click();
    await helper.getByTestId('case-row').getByRole('link').click();
    await helper.getByTestId('new-check-in').click();
    await choose(helper, 'how-chip-home');
    await save(helper);
    await goTo(helper, '/');
    await expect(mine).toContainText('1/2');
    await mai.offline(false);
    await allSent(helper);
  });

  await test.step('the officer sees how far it has come', async () => {
    await expect(page.getByTestId('assignment-row')).toContainText('1/2', { timeout: 60_000 });
  });
  await test.step('a volunteer of the ward reads what is asked, without the case', async () => {
    const lan = await startPhone('lan', { url: server.url });
    await comeIn(lan, 'lan');
    await openAssignments(lan.page);
    await expect(lan.page.getByTestId('assignment-row')).toContainText('Ngô Mai');
    await expect(lan.page.getByTestId('assignment-row')).toContainText('chưa biết ở máy này');
    await expect(lan.page.locator('body')).not.toContainText('anh Hùng');
  });
});
