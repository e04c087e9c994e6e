/**
 * Who is what: another role, the end of one, and what two people do together.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, goTo, openForm, openVisit, save, savedId, signIn } from '../lib/steps.ts';
import { SCHOOL } from '../lib/lan.ts';
import { expect, test } from '../lib/test.ts';

test('a supervisor ends the access of somebody who left: their phone hands over and is empty', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  await area.phuong(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  await comeIn(lan, 'lan');
  await lan.offline(true);
  await openForm(lan.page);
  await addPlace(lan.page, SCHOOL, 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 40 });
  await save(lan.page);

  const office = await startPhone('phuong', { url: server.url });
  const { page } = office;
  await office.openInstalled();
  await signIn(page, 'phuong');
  await goTo(page, '/me');
  await page.getByTestId('way-people').click();
  const row = (name: string) => page.getByTestId('person-row').filter({ hasText: name });
  await expect(page.getByTestId('person-row')).toHaveCount(2);

  await test.step('Minh is a helper from now on', async () => {
    await row('Minh').getByTestId('change-role').click();
    await expect(page.getByTestId('held-role').locator('option')).toHaveText([
      'Tình nguyện viên',
      'Người được phân công giúp đỡ',
      'Phụ trách đoàn thể ở phường, xã',
      'Phụ trách ở trường học',
    ]);
    await page.getByTestId('held-role').selectOption('helper');
    await page.getByTestId('keep-role').click();
    await expect(row('Minh')).toContainText('Người được phân công giúp đỡ');
  });

  await test.step('Lan has left', async () => {
    await row('Lan').getByTestId('change-role').click();
    await page.getByTestId('end-access').click();
    await page.getByTestId('end-access-sure').click();
    await expect(row('Lan')).toHaveCount(0);
  });

  await lan.offline(false);
  await expect(lan.page.getByTestId('revoked')).toContainText('đã được nộp', { timeout: 60_000 });
  await goTo(page, '/me');
  await page.getByTestId('way-handed-over').click();
  await page.getByTestId('handed-over-take').click();
  await goTo(page, '/visits');
  await expect(page.getByTestId('visit-row')).toHaveCount(1, { timeout: 60_000 });
  await allSent(page);
});

test('an edit made before its author heard of another role waits for the supervisor, who takes it in', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  await comeIn(lan, 'lan');
  await openForm(lan.page);
  await addPlace(lan.page, SCHOOL, 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 40 });
  await save(lan.page);
  const id = await savedId(lan.page);
  await allSent(lan.page);
  await lan.offline(true);
  await openVisit(lan.page, id);
  await editVisit(lan.page, { form: 'talk', attendance: 75 });

  const office = await startPhone('phuong', { url: server.url });
  const { page } = office;
  await office.openInstalled();
  await signIn(page, 'phuong');
  await goTo(page, '/me');
  await page.getByTestId('way-people').click();
  await page.getByTestId('person-row').filter({ hasText: 'Lan' }).getByTestId('change-role').click();
  await page.getByTestId('held-role').selectOption('helper');
  await page.getByTestId('keep-role').click();
  await expect(page.getByTestId('person-row').filter({ hasText: 'Lan' })).toContainText('giúp đỡ');
  await lan.offline(false);

  const row = page.getByTestId('handed-over-row');
  // The list is read when it is opened.
  await expect(async () => {
    await goTo(page, '/me');
    await page.getByTestId('way-handed-over').click();
    await expect(row).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(row).toContainText('Lan');
  await expect(row.getByTestId('handed-over-reason')).toHaveText('Sửa khi đã hết quyền');
  await page.getByTestId('handed-over-take').click();
  await expect(page.getByTestId('handed-over-none')).toBeVisible();
  await openVisit(page, id);
  await expect(page.locator('main')).toContainText('75', { timeout: 60_000 });
});

test('an officer is made by two administrators', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.minh(VINH_YEN);
  await area.add({ fullName: 'Hải', name: 'hai', role: 'administrator' });
  await area.add({ fullName: 'Sơn', name: 'son', role: 'area_supervisor' });
  const phones = [];
  for (const name of ['hai', 'minh'] as const) {
    const phone = await startPhone(name, { url: server.url, width: 1280, height: 800 });
    await phone.openInstalled();
    await signIn(phone.page, name);
    phones.push(phone.page);
  }
  const [hai] = phones as [typeof phones[0]];
  await test.step('one alone only asks', async () => {
    await goTo(hai, '/me');
    await hai.getByTestId('way-people').click();
    await hai.getByTestId('person-row').filter({ hasText: 'Minh' }).getByTestId('change-role').click();
    await hai.getByTestId('held-role').selectOption('aftercare_officer');
    await hai.getByTestId('keep-role').click();
    await expect(hai.getByRole('alert').filter({ hasText: 'người thứ hai' })).toBeVisible();
    await expect(hai.getByTestId('person-row').filter({ hasText: 'Minh' })).toContainText('Tình nguyện viên');
    const asked = hai.getByTestId('approval-row');
    await expect(asked).toContainText('cán bộ quản lý sau cai');
    await expect(asked.getByTestId('approval-grant')).toHaveCount(0);
  });
  await test.step('the other grants it', async () => {
    await area.grantAll();
    await goTo(hai, '/me');
    await hai.getByTestId('way-people').click();
    await expect(hai.getByTestId('person-row').filter({ hasText: 'Minh' })).toContainText('Cán bộ');
  });
});
