/**
 * Prevention models: logged and found, linked from the activities they belong to, reviewed once a year, and counted per ward.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_PHUC, VINH_YEN, today } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { figureCell } from '../lib/report.ts';
import { addPlace, allSent, choose, comeIn, fillVisit, goTo, openForm, openVisit, save, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const NAME = 'Câu lạc bộ “Tuổi trẻ nói không với ma túy”';
const YEAR = today().slice(0, 4);

/** Opens the form of a new model from home. */
async function openModelForm(page: Page): Promise<void> {
  await openForm(page);
  await page.getByTestId('kind-model').click();
  await expect(page.getByTestId('model-name')).toBeVisible();
}

/** Fills the form that is open, saves, and opens the model; returns its id. */
async function fillModel(page: Page, name: string, members: string | null): Promise<string> {
  await page.getByTestId('model-name').fill(name);
  await choose(page, 'field-kind-chip-club');
  await page.getByTestId('field-since').fill(`${YEAR}-01-01`);
  if (members !== null) await page.getByTestId('count-members').fill(members);
  await save(page);
  const address = await page.getByTestId('open-saved').getAttribute('href');
  await page.getByTestId('open-saved').click();
  await expect(page.getByTestId('visit-state')).toBeVisible();
  return address?.split('/').pop() ?? '';
}

/** Logs a model from home; returns its id. */
async function logModel(page: Page, name: string, members: string | null): Promise<string> {
  await openModelForm(page);
  return fillModel(page, name, members);
}

async function closeDialog(page: Page): Promise<void> {
  await page.locator('dialog[open]').getByTestId('dialog-close').click();
  await expect(page.locator('dialog[open]')).toHaveCount(0);
}

/** Opens a model in the list, by a link and not by loading the page again. */
async function openModel(page: Page, id: string): Promise<void> {
  await goTo(page, '/visits');
  await page.locator(`[data-testid="model-row"] a[href="/models/${id}"]`).click();
  await expect(page.getByTestId('visit-state')).toBeVisible();
}

async function review(page: Page, verdict: string, text: string): Promise<void> {
  await page.getByTestId('add-review').click();
  await choose(page, `review-verdict-chip-${verdict}`);
  await page.getByTestId('review-text').fill(text);
  await page.getByTestId('review-save').click();
  await expect(page.locator('dialog[open]')).toHaveCount(0);
}

test('a model is logged offline, found without marks, reviewed, ended, and sent', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await comeIn(lan, 'lan');
  await lan.offline(true);
  await openModelForm(page);
  await test.step('what is missing is named', async () => {
    await page.getByTestId('save-button').click();
    const summary = page.locator('#error-summary');
    await expect(summary).toContainText('Chưa đặt tên mô hình');
    await expect(summary).toContainText('Chưa chọn loại mô hình');
    await expect(summary).toContainText('Chưa chọn ngày bắt đầu hoạt động');
  });
  const id = await fillModel(page, NAME, '24');
  await expect(page.locator('#page-title')).toContainText(NAME);
  await expect(page.getByTestId('fact-members')).toHaveText('24');
  await expect(page.getByTestId('model-standing')).toHaveText('Đang hoạt động');
  await test.step('found without marks, among models only', async () => {
    await goTo(page, '/visits');
    await page.getByTestId('search-input').fill('tuoi tre noi khong');
    await expect(page.getByTestId('model-row')).toHaveCount(1);
    await expect(page.getByTestId('model-row')).toContainText('24 thành viên');
    await page.getByTestId('search-input').fill('cau lac bo');
    await expect(page.getByTestId('model-row')).toHaveCount(1);
    await page.getByTestId('search-input').fill('');
    await choose(page, 'filter-chip-models');
    await expect(page.getByTestId('model-row')).toHaveCount(1);
  });
  await test.step('more women than members is said, and kept', async () => {
    await openModel(page, id);
    await page.getByTestId('edit-button').click();
    await page.getByTestId('count-women').fill('25');
    await expect(page.getByTestId('members-exceed')).toBeVisible();
    await save(page);
    await expect(page.getByTestId('history')).toContainText('Trong đó nữ: 25');
  });
  await test.step('reviewed once, and mended', async () => {
    await expect(page.getByTestId('add-review')).toContainText(`Thêm đánh giá năm ${YEAR}`);
    await page.getByTestId('add-review').click();
    await page.getByTestId('review-save').click();
    await expect(page.locator('#review-verdict-problem')).toContainText('Chưa chọn kết quả đánh giá');
    await closeDialog(page);
    await review(page, 'not_effective', 'Chưa có kinh phí');
    await expect(page.getByTestId(`review-${YEAR}`)).toContainText('Chưa hiệu quả');
    await expect(page.getByTestId('model-standing')).toContainText('chưa hiệu quả');
    await expect(page.getByTestId('add-review')).toContainText(`Sửa đánh giá năm ${YEAR}`);
    await review(page, 'partly', 'Sinh hoạt đều hơn');
    await expect(page.getByTestId(`review-${YEAR}`)).toHaveCount(1);
    await expect(page.getByTestId(`review-${YEAR}`)).toContainText('Sinh hoạt đều hơn');
    await expect(page.getByTestId('model-standing')).toHaveText('Đang hoạt động');
  });
  await test.step('ended, with its reason', async () => {
    await page.getByTestId('edit-button').click();
    await page.getByTestId('more-model').locator('summary').click();
    await page.getByTestId('field-ended').fill(`${YEAR}-01-02`);
    await page.getByTestId('model-ended-because').fill('Sáp nhập');
    await save(page);
    await expect(page.getByTestId('fact-ended-because')).toHaveText('Sáp nhập');
    await expect(page.getByTestId('history')).toContainText(`Kết thúc ngày: 02/01/${YEAR}`);
  });
  await lan.offline(false);
  await allSent(page);
});

test('a visit is linked to a model of its ward, and the model shows it', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await comeIn(lan, 'lan');
  await lan.offline(true);
  await openForm(page);
  await addPlace(page, SCHOOL, 'school');
  await fillVisit(page, { form: 'talk', attendance: 80 });
  await save(page);
  const address = await page.getByTestId('open-saved').getAttribute('href');
  const visit = address?.split('/').pop() ?? '';
  await test.step('without a model there is nothing to choose', async () => {
    await openVisit(page, visit);
    await page.getByTestId('link-model').click();
    await expect(page.getByTestId('no-models')).toBeVisible();
    await closeDialog(page);
  });
  const id = await logModel(page, NAME, null);
  await expect(page.getByTestId('fact-members')).toHaveText('chưa rõ');
  await expect(page.getByTestId('no-activities')).toBeVisible();
  await openVisit(page, visit);
  await page.getByTestId('link-model').click();
  await choose(page, `model-link-chip-${id}`);
  await closeDialog(page);
  await openModel(page, id);
  await expect(page.getByTestId('model-activities').getByTestId('visit-row')).toContainText(SCHOOL);
  await expect(page.getByTestId('history')).toContainText('gắn một hoạt động');
  await test.step('taken out again', async () => {
    await page.getByTestId('model-activities').locator('a').click();
    await page.getByTestId('link-model').click();
    await expect(page.getByTestId(`model-link-chip-${id}`)).toBeChecked();
    await page.locator('label').filter({ has: page.getByTestId(`model-link-chip-${id}`) }).click();
    await expect(page.getByTestId(`model-link-chip-${id}`)).not.toBeChecked();
    await closeDialog(page);
    await openModel(page, id);
    await expect(page.getByTestId('no-activities')).toBeVisible();
  });
  await lan.offline(false);
  await allSent(page);
});

test('two people review the same year apart: both results stay until somebody settles it', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const minh = await startPhone('minh', { url: server.url });
  for (const [phone, name] of [[lan, 'lan'], [minh, 'minh']] as const) {
    await comeIn(phone, name);
  }
  const id = await logModel(lan.page, NAME, '24');
  await allSent(lan.page);
  await goTo(minh.page, '/visits');
  await expect(minh.page.getByTestId('model-row')).toHaveCount(1, { timeout: 60_000 });
  await openModel(minh.page, id);
  for (const phone of [lan, minh]) await phone.offline(true);
  await review(lan.page, 'effective', 'Sinh hoạt đều');
  await review(minh.page, 'not_effective', 'Ít người dự');
  for (const phone of [lan, minh]) await phone.offline(false);
  for (const phone of [lan, minh]) await allSent(phone.page);
  for (const { page } of [lan, minh]) {
    const conflict = page.locator(`[data-testid="conflict"][data-field="${YEAR}.effective"]`);
    await expect(conflict.getByTestId('conflict-value')).toHaveCount(2, { timeout: 60_000 });
    await expect(conflict).toContainText('Hiệu quả');
    await expect(conflict).toContainText('Chưa hiệu quả');
  }
  await test.step('one settles it for both', async () => {
    for (const field of ['effective', 'text', 'by']) {
      const conflict = lan.page.locator(`[data-testid="conflict"][data-field="${YEAR}.${field}"]`);
      const settle = conflict.getByTestId('settle').first();
      await settle.click();
      await settle.click();
      await expect(conflict).toHaveCount(0);
    }
    await allSent(lan.page);
    await expect(minh.page.getByTestId('conflict')).toHaveCount(0, { timeout: 60_000 });
  });
});

test('the report says which wards have a model that works', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server, [VINH_YEN, VINH_PHUC]);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  await lan.openInstalled();
  await signIn(lan.page, 'lan');
  await logModel(lan.page, NAME, '24');
  await logModel(lan.page, 'Tổ tự quản số 5', null);
  await review(lan.page, 'not_effective', 'Không còn sinh hoạt');
  await allSent(lan.page);
  const office = await startPhone('office', { url: server.url, width: 1280, height: 800 });
  await office.openInstalled();
  await signIn(office.page, 'phuong');
  await goTo(office.page, '/report');
  await expect(figureCell(office.page, VINH_YEN, 'D1')).toHaveText('1');
  await expect(figureCell(office.page, VINH_YEN, 'models')).toHaveText('2');
  await expect(figureCell(office.page, VINH_YEN, 'reviewed')).toHaveText('1');
  await expect(figureCell(office.page, VINH_YEN, 'members')).toContainText('24');
  await expect(figureCell(office.page, VINH_YEN, 'members')).toContainText('1 mô hình chưa rõ');
  await expect(figureCell(office.page, 'all', 'D1')).toContainText('1 / 1');
  await figureCell(office.page, VINH_YEN, 'D1').locator('a').click();
  await expect(office.page.getByTestId('model-row')).toHaveCount(2, { timeout: 60_000 });
  await expect(office.page.getByTestId('visit-row')).toHaveCount(0);
});
