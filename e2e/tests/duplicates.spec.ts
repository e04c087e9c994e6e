/**
 * The same talk logged twice is 80 people, not 160: seen while entering and after sync, linked by a person, undone in one tap.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_YEN } from '../lib/area.ts';
import { PHRASE, assignHelper } from '../lib/cases.ts';
import { SCHOOL } from '../lib/lan.ts';
import { figureCell } from '../lib/report.ts';
import { addPlace, allSent, choose, chooseVenue, comeIn, fillVisit, goTo, logVisit, openForm, openVisit, save, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

/** The ward's people and records of this month, as the supervisor reads them. */
async function reads(page: Page, attendance: string, visits: string): Promise<void> {
  await expect(figureCell(page, VINH_YEN, 'attendance').locator('span').first()).toHaveText(attendance, { timeout: 60_000 });
  await expect(figureCell(page, VINH_YEN, 'visits').locator('span').first()).toHaveText(visits);
}

test('the same talk logged by two without a connection counts once, and undone twice', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server, [VINH_YEN]);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  await area.phuong(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const minh = await startPhone('minh', { url: server.url });
  for (const [phone, name] of [[lan, 'lan'], [minh, 'minh']] as const) {
    await comeIn(phone, name);
  }
  await test.step('both know the school', async () => {
    await openForm(lan.page);
    await addPlace(lan.page, SCHOOL, 'school');
    await fillVisit(lan.page, { form: 'leaflets', attendance: null });
    await save(lan.page);
    await allSent(lan.page);
    await goTo(minh.page, '/visits');
    await expect(minh.page.getByTestId('visit-row')).toHaveCount(1, { timeout: 60_000 });
  });
  for (const phone of [lan, minh]) await phone.offline(true);
  const talk = { form: 'talk', venue: SCHOOL };
  const ofLan = await logVisit(lan.page, { ...talk, attendance: 80 });
  const ofMinh = await logVisit(minh.page, { ...talk, attendance: 78 });

  await test.step('while entering a second one, Lan sees the first, and may go on', async () => {
    await openForm(lan.page);
    await expect(lan.page.getByTestId('alike')).toHaveCount(0);
    await fillVisit(lan.page, talk);
    await expect(lan.page.getByTestId('alike')).toContainText('80 lượt người dự');
    await expect(lan.page.getByTestId('alike')).toContainText('Lan');
    await lan.page.getByTestId('alike-anyway').click();
    await expect(lan.page.getByTestId('alike')).toHaveCount(0);
    await fillVisit(lan.page, { form: 'themed_meeting' });
    await expect(lan.page.getByTestId('alike')).toHaveCount(0);
    await lan.page.getByTestId('back').click();
  });

  for (const phone of [lan, minh]) await phone.offline(false);
  for (const phone of [lan, minh]) await allSent(phone.page);
  await test.step('both see that the other may be the same', async () => {
    await openVisit(lan.page, ofLan);
    await expect(lan.page.getByTestId('same-hint')).toContainText('78 lượt người dự', { timeout: 60_000 });
    await expect(lan.page.getByTestId('same-who')).toContainText('Minh');
    await openVisit(minh.page, ofMinh);
    await expect(minh.page.getByTestId('same-hint')).toContainText('80 lượt người dự', { timeout: 60_000 });
  });
  const office = await startPhone('office', { url: server.url, width: 1280, height: 800 });
  await office.openInstalled();
  await signIn(office.page, 'phuong');
  await goTo(office.page, '/report');
  await reads(office.page, '158', '3');

  await test.step('Minh says that it was one, and that the 80 stand', async () => {
    await minh.page.getByTestId('same-yes').click();
    await expect(minh.page.getByTestId('same-count-this')).toContainText('78 lượt người dự');
    await minh.page.getByTestId('same-count-that').click();
    await expect(minh.page.getByTestId('same-as')).toContainText('không tính thêm');
    await expect(minh.page.getByTestId('same-hint')).toHaveCount(0);
    await expect(minh.page.getByTestId('history')).toContainText('Trùng với');
    await goTo(minh.page, '/visits');
    await expect(minh.page.getByTestId('same-mark')).toHaveCount(1);
    await reads(office.page, '80', '2');
  });
  await test.step('Lan sees it on hers, and takes it apart in one tap', async () => {
    await expect(lan.page.getByTestId('same-merged')).toContainText('1 bản ghi trùng', { timeout: 60_000 });
    await expect(lan.page.getByTestId('same-hint')).toHaveCount(0);
    await lan.page.getByTestId('same-part').click();
    await expect(lan.page.getByTestId('same-merged')).toHaveCount(0);
    await reads(office.page, '158', '3');
  });
  await test.step('the other way round the 78 stand, and Minh undoes it in one tap', async () => {
    await lan.page.getByTestId('same-yes').click();
    await lan.page.getByTestId('same-count-that').click();
    await reads(office.page, '78', '2');
    await lan.page.getByTestId('same-undo').click();
    await expect(lan.page.getByTestId('same-as')).toHaveCount(0);
    await reads(office.page, '158', '3');
  });
  await test.step('who says that it was not one is not asked again', async () => {
    await lan.page.getByTestId('same-no').click();
    await expect(lan.page.getByTestId('same-hint')).toHaveCount(0);
    await openVisit(lan.page, ofMinh);
    await openVisit(lan.page, ofLan);
    await expect(lan.page.getByTestId('history')).toBeVisible();
    await expect(lan.page.getByTestId('same-hint')).toHaveCount(0);
  });
});

test('drives and models logged twice are seen, linked, and undone too', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server, [VINH_YEN]);
  await area.lan(VINH_YEN);
  const phone = await startPhone('lan', { url: server.url });
  const { page } = phone;
  await comeIn(phone, 'lan');
  await phone.offline(true);
  /** Of the record that is open: it is the other one, and then it is not. */
  const linksAndUndoes = async (list: string) => {
    await page.getByTestId('open-saved').click();
    await expect(page.getByTestId('same-hint')).toBeVisible();
    await page.getByTestId('same-yes').click();
    await page.getByTestId('same-count-that').click();
    await expect(page.getByTestId('same-as')).toContainText('không tính thêm');
    await goTo(page, '/visits');
    await expect(page.getByTestId(list)).toHaveCount(2);
    await expect(page.getByTestId('same-mark')).toHaveCount(1);
    await page.getByTestId(list).filter({ has: page.getByTestId('same-mark') }).getByRole('link').click();
    await page.getByTestId('same-undo').click();
    await expect(page.getByTestId('same-as')).toHaveCount(0);
    await goTo(page, '/visits');
    await expect(page.getByTestId('same-mark')).toHaveCount(0);
  };
  await test.step('a drive of one school on one day', async () => {
    for (const signed of ['31', '30']) {
      await openForm(page);
      await page.getByTestId('kind-drive').click();
      if (signed === '31') await addPlace(page, SCHOOL, 'school');
      else {
        await expect(page.getByTestId('alike')).toHaveCount(0);
        await chooseVenue(page, SCHOOL);
        await expect(page.getByTestId('alike')).toBeVisible();
      }
      await page.getByTestId('group-name').fill('7A1');
      await page.getByTestId('group-add').click();
      await page.getByTestId('group-signed').fill(signed);
      await save(page);
    }
    await linksAndUndoes('drive-row');
  });
  await test.step('a model of one name in one ward', async () => {
    for (const name of ['Câu lạc bộ bạn giúp bạn', 'cau lac bo ban giup ban']) {
      await openForm(page);
      await page.getByTestId('kind-model').click();
      await page.getByTestId('model-name').fill(name);
      await choose(page, 'field-kind-chip-club');
      await page.getByTestId('field-since').fill('2026-01-01');
      await expect(page.getByTestId('alike')).toHaveCount(name.startsWith('C') ? 0 : 1);
      await save(page);
    }
    await linksAndUndoes('model-row');
  });
  await phone.offline(false);
  await allSent(page);
});

async function beginCase(page: Page, name: string): Promise<void> {
  await page.getByTestId('address-as-input').fill(name);
  await page.getByTestId('field-completion').selectOption('compulsory_adult');
  await page.getByTestId('starts-input').fill('2026-08-15');
  await save(page);
}

test('a second case of one person is shown to the officer while it is begun, and to no helper', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server, [VINH_YEN]);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Ngô Mai', name: 'mai', role: 'helper', ward: VINH_YEN });
  const officer = await startPhone('thu', { url: server.url });
  await comeIn(officer, 'thu', PHRASE);
  const { page } = officer;
  await goTo(page, '/');
  await page.getByTestId('all-cases').click();
  for (const [name, fullName] of [['anh Hùng', 'Trần Văn Hùng'], ['chú Hùng', 'tran van hung']] as const) {
    await page.getByTestId('new-case').click();
    await page.getByTestId('full-name-input').fill(fullName);
    await page.getByTestId('born-input').fill(name === 'anh Hùng' ? '02/03/1985' : '1985');
    if (name === 'anh Hùng') await expect(page.getByTestId('alike')).toHaveCount(0);
    else await expect(page.getByTestId('alike')).toContainText('anh Hùng');
    await beginCase(page, name);
  }
  await expect(page.getByTestId('case-count')).toContainText('2');
  await page.getByTestId('case-row').filter({ hasText: 'chú Hùng' }).getByRole('link').click();
  await expect(page.getByTestId('same-hint')).toContainText('anh Hùng');
  await page.getByTestId('same-yes').click();
  await page.getByTestId('same-count-that').click();
  await expect(page.getByTestId('same-as')).toContainText('anh Hùng');
  await assignHelper(page, 'Ngô Mai');
  await allSent(page);

  const helper = await startPhone('mai', { url: server.url });
  await comeIn(helper, 'mai', PHRASE);
  const { page: mai } = helper;
  await goTo(mai, '/');
  await mai.getByTestId('all-cases').click();
  await mai.getByTestId('case-row').filter({ hasText: 'chú Hùng' }).getByRole('link').click();
  await expect(mai.getByTestId('fact-status')).toBeVisible();
  await expect(mai.getByTestId('same-as')).toHaveCount(0);
  const seen = await mai.locator('body').innerText();
  for (const told of ['Trùng với', 'Cùng một người', 'anh Hùng', 'Trần Văn Hùng']) expect(seen).not.toContain(told);

  await page.getByTestId('same-undo').click();
  await expect(page.getByTestId('same-as')).toHaveCount(0);
});
