/**
 * What an officer does at the desk: the certificate of completion, people aged 12 to 17, the figures of the ward.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { PHRASE, SECRETS, beginCase, openCase } from '../lib/cases.ts';
import { allSent, choose, comeIn, goTo, save, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('a certificate of completion is printed without a connection, and the access log knows', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.phuong(VINH_YEN);
  const officer = await startPhone('thu', { url: server.url });
  const { page } = officer;
  await comeIn(officer, 'thu', PHRASE);
  await beginCase(page, 'anh Hùng');
  await allSent(page);
  await officer.offline(true);
  await openCase(page, 'anh Hùng');
  await expect(page.getByTestId('open-certificate')).toHaveCount(0);
  await page.getByTestId('add-event').click();
  await page.getByTestId('event-kind').selectOption('completion');
  await page.getByTestId('event-date').fill('2026-11-20');
  await page.getByTestId('event-save').click();
  await page.getByTestId('open-certificate').click();
  await expect(page.getByTestId('certificate-check')).toContainText('mẫu đang có hiệu lực');
  await expect(page.getByTestId('certificate-unconfirmed')).toBeVisible();
  await expect(page.getByTestId('sheet-number')).toHaveText('Số: ………/………');
  await test.step('its number and its day are typed here and stand on the sheet', async () => {
    await page.getByTestId('certificate-number').fill('07/GCN-UBND');
    await page.getByTestId('certificate-date').fill('2999-01-01');
    await page.getByTestId('certificate-keep').click();
    await expect(page.locator('#certificate-date-problem')).toBeVisible();
    await page.getByTestId('certificate-date').fill('2026-11-23');
    await page.getByTestId('certificate-keep').click();
    await expect(page.getByTestId('sheet-number')).toHaveText('Số: 07/GCN-UBND');
    await expect(page.getByTestId('sheet')).toContainText('ngày 23 tháng 11 năm 2026');
  });

  await test.step('on paper stands the sheet alone', async () => {
    await page.emulateMedia({ media: 'print' });
    const sheet = page.getByTestId('sheet');
    await expect(page.getByTestId('certificate-check')).toBeHidden();
    await expect(page.getByTestId('print')).toBeHidden();
    await expect(page.locator('.page-head')).toBeHidden();
    await expect(page.locator('nav.navigation')).toBeHidden();
    for (const said of [
      'Cộng hòa xã hội chủ nghĩa Việt Nam',
      'Độc lập - Tự do - Hạnh phúc',
      'Ủy ban nhân dân Phường Vĩnh Yên',
      'Hoàn thành thời hạn quản lý sau cai nghiện ma túy',
      'ngày 15 tháng 08 năm 2026 đến ngày 15 tháng 08 năm 2028',
      'Nơi nhận',
      ...SECRETS,
    ]) {
      await expect(sheet).toContainText(said);
    }
    await expect(page.getByTestId('sheet-completed')).toHaveText('ngày 20 tháng 11 năm 2026');
    await expect(page.getByTestId('certificate-number')).toBeHidden();
    await expect(page.getByTestId('sheet-signer')).toContainText('Chủ tịch Ủy ban nhân dân');
    await expect(sheet).toHaveCSS('font-family', /Times New Roman/);
    // 13 pt.
    await expect(sheet).toHaveCSS('font-size', /^17\.33/);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const text = pdf.toString('latin1');
    expect(text.match(/\/Type\s*\/Page\b(?!s)/g) ?? [], 'one sheet').toHaveLength(1);
    expect(text, 'A4').toMatch(/\/MediaBox\s*\[\s*0 0 59[45](\.\d+)? 84[12](\.\d+)?\s*\]/);
    await page.emulateMedia({ media: null });
  });
  await officer.offline(false);
  await allSent(page);
  const supervisor = await startPhone('phuong', { url: server.url });
  await supervisor.openInstalled();
  await signIn(supervisor.page, 'phuong');
  await goTo(supervisor.page, '/me');
  await supervisor.page.getByTestId('way-access-log').click();
  await expect(supervisor.page.getByTestId('log-line').filter({ hasText: 'Phạm Thu' }).filter({ hasText: 'xuất' })).toHaveCount(1);
});

test('the case of somebody aged 12 to 17 says who the guardian is and whether they may be contacted', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  const officer = await startPhone('thu', { url: server.url });
  const { page } = officer;
  await comeIn(officer, 'thu', PHRASE);
  await beginCase(page, 'em Nam', async () => {
    await expect(page.getByTestId('guardian-input')).toHaveCount(0);
    await page.getByTestId('born-input').fill('20/10/2010');
    await page.getByTestId('field-completion').selectOption('voluntary');
    await page.getByTestId('guardian-input').fill('bà Tư');
    await page.getByTestId('guardian-relation-input').fill('bà nội');
    await page.getByTestId('guardian-phone-input').fill('0912 345 678');
    await choose(page, 'may-contact-chip-no');
  });
  await openCase(page, 'em Nam');
  await expect(page.getByTestId('fact-guardian')).toHaveText('bà Tư (bà nội)');
  await expect(page.getByTestId('fact-may-contact')).toHaveText('Không liên hệ');
  await expect(page.getByTestId('minor-note')).toContainText('Đoàn Thanh niên không thấy');
  await test.step('the number is there to be called once that is allowed', async () => {
    await expect(page.getByTestId('fact-guardian-phone')).toHaveCount(0);
    await page.getByTestId('edit-button').click();
    await expect(page.getByTestId('guardian-phone-input')).toHaveValue('0912 345 678');
    await choose(page, 'may-contact-chip-yes');
    await save(page);
    await expect(page.getByTestId('fact-guardian-phone')).toHaveAttribute('href', 'tel:0912345678');
  });
  await beginCase(page, 'anh Hùng');
  await openCase(page, 'anh Hùng');
  await expect(page.getByTestId('minor-note')).toHaveCount(0);
});

test('an officer types in how many are under management; the supervisor reads the figures without names', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.phuong(VINH_YEN);
  const officer = await startPhone('thu', { url: server.url });
  const { page } = officer;
  await comeIn(officer, 'thu', PHRASE);
  await beginCase(page, 'anh Hùng');
  await allSent(page);
  await goTo(page, '/report');
  await expect(page.getByTestId('care-open')).toHaveText('dưới 5');
  await expect(page.getByTestId('care-typed')).toHaveText('chưa nhập');
  await page.getByTestId('type-managed').click();
  await page.getByTestId('managed-number').fill('nhiều');
  await page.getByTestId('managed-keep').click();
  await expect(page.locator('#managed-dialog .field-problem')).toHaveCount(1);
  await page.getByTestId('managed-number').fill('40');
  await page.getByTestId('managed-keep').click();
  await expect(page.getByTestId('care-typed')).not.toHaveText('chưa nhập');

  const supervisor = await startPhone('phuong', { url: server.url, width: 1280, height: 800 });
  await supervisor.openInstalled();
  await signIn(supervisor.page, 'phuong');
  await goTo(supervisor.page, '/report');
  await expect(supervisor.page.getByTestId('care-open')).toHaveText('dưới 5');
  await expect(supervisor.page.getByTestId('type-managed')).toHaveCount(0);
  const seen = await supervisor.page.locator('body').innerText();
  for (const secret of [...SECRETS, 'anh Hùng']) expect(seen).not.toContain(secret);
});
