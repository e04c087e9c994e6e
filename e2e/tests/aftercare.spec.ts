/**
 * After-care in the field: a case is begun, assigned, visited without a connection, moved to another ward, and nobody sees
 * what they should not.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { PHRASE, SECRETS, assignHelper, beginCase, openCase } from '../lib/cases.ts';
import { allSent, comeIn, goTo, save } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const VINH_PHUC = '08716@2025-07-01';

test('a case begun, assigned and visited offline; the helper sees the common part alone', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Ngô Mai', name: 'mai', role: 'helper', ward: VINH_YEN });
  const officer = await startPhone('thu', { url: server.url });
  await comeIn(officer, 'thu', PHRASE);
  const { page } = officer;
  await beginCase(page, 'anh Hùng');
  await openCase(page, 'anh Hùng');
  await expect(page.getByTestId('restricted')).toContainText(SECRETS[0] ?? '');
  await expect(page.getByTestId('case-due')).toContainText('Quá hạn');
  await test.step('the officer assigns a helper', async () => {
    await assignHelper(page, 'Ngô Mai');
  });
  await allSent(page);

  const helper = await startPhone('mai', { url: server.url });
  await comeIn(helper, 'mai', PHRASE);
  const { page: mai } = helper;
  await goTo(mai, '/');
  await expect(mai.getByTestId('due-row')).toContainText('Thăm anh Hùng', { timeout: 60_000 });
  await helper.offline(true);
  await test.step('in a kitchen, without a connection', async () => {
    await mai.getByTestId('due-row').getByRole('link').click();
    await expect(mai.getByTestId('restricted')).toHaveCount(0);
    await expect(mai.getByTestId('add-event')).toHaveCount(0);
    await mai.getByTestId('new-check-in').click();
    await mai.getByTestId('how-chip-home').evaluate((chip) => (chip as HTMLInputElement).click());
    await mai.getByTestId('life-work').selectOption('difficult');
    await mai.getByTestId('referred-chip-job').evaluate((chip) => (chip as HTMLInputElement).click());
    await expect(mai.getByTestId('more-officer')).toHaveCount(0);
    await save(mai);
    await expect(mai.getByTestId('check-in-row')).toHaveCount(1);
    await expect(mai.getByTestId('case-due')).toContainText('Thăm trước');
  });
  const seen = await mai.locator('body').innerText();
  for (const secret of SECRETS) expect(seen).not.toContain(secret);
  await helper.offline(false);
  await allSent(mai);
  await test.step('the officer sees it, and adds what only officers write', async () => {
    await expect(page.getByTestId('check-in-row')).toHaveCount(1, { timeout: 60_000 });
    await page.getByTestId('check-in-row').getByRole('link').click();
    await expect(page.getByTestId('life-work')).toHaveText('Gặp khó khăn');
    await page.getByTestId('edit-button').click();
    await page.getByTestId('more-officer').locator('summary').click();
    await page.getByTestId('field-urine').selectOption('negative');
    await save(page);
    await expect(page.getByTestId('fact-urine')).toContainText('Âm tính');
    await allSent(page);
  });
  await test.step('the next check-in starts with what held at the last', async () => {
    await goTo(mai, '/');
    await mai.getByTestId('all-cases').click();
    await mai.getByTestId('case-row').getByRole('link').click();
    await mai.getByTestId('check-in-row').getByRole('link').click();
    await expect(mai.getByTestId('fact-urine')).toHaveCount(0);
    await mai.goBack();
    await mai.getByTestId('new-check-in').click();
    await expect(mai.getByTestId('life-work')).toHaveValue('difficult');
    await expect(mai.getByTestId('how-chip-home')).toBeChecked();
    await mai.getByTestId('back').click();
  });
  await test.step('it waits for the officer, who returns it; the helper completes it, and it is confirmed', async () => {
    await goTo(page, '/');
    await expect(page.getByTestId('check-ins-to-confirm')).toContainText('1');
    await page.getByTestId('check-ins-to-confirm').click();
    await expect(page.getByTestId('waiting-row')).toContainText('Thăm anh Hùng');
    await page.getByTestId('waiting-row').getByRole('link').click();
    await page.getByTestId('return-button').click();
    await page.getByTestId('return-reason').fill('Ghi thêm đã giới thiệu việc gì');
    await page.getByTestId('return-confirm').click();
    await expect(page.getByTestId('returned-because')).toContainText('giới thiệu việc gì');
    await allSent(page);
    await goTo(mai, '/');
    await expect(mai.getByTestId('check-ins-to-confirm')).toHaveCount(0);
    await expect(mai.getByTestId('returned-row')).toContainText('giới thiệu việc gì', { timeout: 60_000 });
    await mai.getByTestId('returned-row').getByRole('link').click();
    await mai.getByTestId('edit-button').click();
    await mai.getByTestId('notes-input').fill('Việc bảo vệ ở chợ');
    await save(mai);
    await allSent(mai);
    await goTo(mai, '/');
    await expect(mai.getByTestId('returned-row')).toHaveCount(0);
    await goTo(page, '/');
    await expect(page.getByTestId('check-ins-to-confirm')).toContainText('1', { timeout: 60_000 });
    await page.getByTestId('check-ins-to-confirm').click();
    await page.getByTestId('waiting-row').filter({ hasText: 'Đã bổ sung' }).getByRole('link').click();
    await page.getByTestId('confirm').click();
    await expect(page.getByTestId('confirmed-by')).toContainText('Thu');
    await page.getByTestId('back').click();
    await goTo(page, '/');
    await expect(page.getByTestId('check-ins-to-confirm')).toHaveCount(0);
    await allSent(page);
  });
});

test('a case transferred while its other officer was offline and had logged a check-in', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Vũ Nam', name: 'nam', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Đỗ Hà', name: 'ha', role: 'aftercare_officer', ward: VINH_PHUC });
  const phones = [];
  for (const name of ['thu', 'nam', 'ha'] as const) {
    const phone = await startPhone(name, { url: server.url });
    await comeIn(phone, name, PHRASE);
    phones.push(phone);
  }
  const [thu, nam, ha] = phones;
  if (!thu || !nam || !ha) throw new Error('three phones');
  await beginCase(thu.page, 'chị Lụa');
  await allSent(thu.page);
  await goTo(nam.page, '/');
  await nam.page.getByTestId('all-cases').click();
  await expect(nam.page.getByTestId('case-row')).toHaveCount(1, { timeout: 60_000 });
  await nam.offline(true);
  await openCase(nam.page, 'chị Lụa');
  await nam.page.getByTestId('new-check-in').click();
  await nam.page.getByTestId('how-chip-phone').evaluate((chip) => (chip as HTMLInputElement).click());
  await save(nam.page);
  await expect(nam.page.getByTestId('check-in-row')).toHaveCount(1);

  await openCase(thu.page, 'chị Lụa');
  await thu.page.getByTestId('add-event').click();
  await thu.page.getByTestId('event-kind').selectOption('transfer');
  await thu.page.getByTestId('event-ward').selectOption(VINH_PHUC);
  await thu.page.getByTestId('event-save').click();
  await expect(thu.page).toHaveURL((url) => url.pathname === '/cases');
  await expect(thu.page.getByTestId('case-row')).toHaveCount(0, { timeout: 60_000 });

  await goTo(ha.page, '/');
  await ha.page.getByTestId('all-cases').click();
  await expect(ha.page.getByTestId('case-row')).toHaveCount(1, { timeout: 60_000 });
  await nam.offline(false);
  await test.step('the check-in arrives in the new ward, the old phone no longer holds the case', async () => {
    await goTo(nam.page, '/');
    await expect(nam.page.getByTestId('due-row')).toHaveCount(0, { timeout: 60_000 });
    await nam.page.getByTestId('all-cases').click();
    await expect(nam.page.getByTestId('case-row')).toHaveCount(0, { timeout: 60_000 });
    await openCase(ha.page, 'chị Lụa');
    await expect(ha.page.getByTestId('check-in-row')).toHaveCount(1, { timeout: 60_000 });
    await expect(ha.page.getByTestId('event-row')).toContainText('Chuyển nơi cư trú');
    await expect(ha.page.getByTestId('restricted')).toContainText(SECRETS[0] ?? '');
    // The new ward's officer goes on where the other one stopped.
    await ha.page.getByTestId('new-check-in').click();
    await ha.page.getByTestId('how-chip-home').evaluate((chip) => (chip as HTMLInputElement).click());
    await save(ha.page);
    await expect(ha.page.getByTestId('check-in-row')).toHaveCount(2);
    await allSent(ha.page);
  });
});
