/**
 * Pledge drives: one class a line, several people counting at once without a connection, and never both ways added.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, comeIn, goTo, openForm, save } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';
import type { Page } from '@playwright/test';

/** Opens the form of a new drive from home. */
async function openDriveForm(page: Page): Promise<void> {
  await openForm(page);
  await page.getByTestId('kind-drive').click();
  await expect(page.getByTestId('group-name')).toBeVisible();
}

async function addGroups(page: Page, names: string): Promise<void> {
  await page.getByTestId('group-name').fill(names);
  await page.getByTestId('group-add').click();
  await expect(page.getByTestId('group-name')).toHaveValue('');
}

function groupRow(page: Page, name: string) {
  return page.getByTestId('group-row').filter({ hasText: name });
}

async function openSaved(page: Page): Promise<string> {
  const address = await page.getByTestId('open-saved').getAttribute('href');
  await page.getByTestId('open-saved').click();
  await expect(page.getByTestId('visit-state')).toBeVisible();
  return address?.split('/').pop() ?? '';
}

/** Opens a drive in the list, by a link and not by loading the page again. */
async function openDrive(page: Page, id: string): Promise<void> {
  await goTo(page, '/visits');
  await page.locator(`[data-testid="drive-row"] a[href="/drives/${id}"]`).click();
  await expect(page.getByTestId('visit-state')).toBeVisible();
}

async function taps(page: Page, count: number): Promise<void> {
  // Straight on the element: four people tap two hundred times each.
  await page.getByTestId('tally-plus').evaluate((button, times) => {
    for (let tap = 0; tap < times; tap += 1) (button as HTMLButtonElement).click();
  }, count);
}

test('classes from sheets: logged offline, found, edited, and sent', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await comeIn(lan, 'lan');
  await lan.offline(true);
  await openDriveForm(page);
  await test.step('what is missing is named', async () => {
    await page.getByTestId('save-button').click();
    await expect(page.locator('#error-summary')).toContainText('Chưa có lớp hoặc nhóm nào');
  });
  await addPlace(page, SCHOOL, 'school');
  await addGroups(page, '7A1, 7A2, lớp 7A3');
  await expect(page.getByTestId('group-row')).toHaveCount(3);
  await test.step('one class is not added twice', async () => {
    await page.getByTestId('group-name').fill('Lớp 7 a2');
    await page.getByTestId('group-add').click();
    await expect(page.locator('#group-name-problem')).toContainText('đã có trong danh sách');
    await page.getByTestId('group-name').fill('');
  });
  await groupRow(page, '7A1').getByTestId('group-signed').fill('31');
  await groupRow(page, '7A1').getByTestId('group-expected').fill('38');
  await groupRow(page, '7A2').getByTestId('group-signed').fill('41');
  await groupRow(page, '7A2').getByTestId('group-expected').fill('40');
  await expect(groupRow(page, '7A2').getByTestId('group-exceeds')).toBeVisible();
  await expect(page.getByTestId('drive-total')).toHaveText('Cộng: 72 / —');
  await save(page);
  const id = await openSaved(page);
  await expect(page.getByTestId('drive-signed')).toHaveText('72 / —');
  await expect(page.getByTestId('drive-unknown')).toContainText('1 lớp');
  await expect(page.getByTestId('drive-exceeds')).toContainText('7A2');
  await expect(page.getByTestId('fact-year')).toContainText('Năm học');
  await test.step('found without marks, among drives only', async () => {
    await goTo(page, '/visits');
    await page.getByTestId('search-input').fill('ky cam ket');
    await expect(page.getByTestId('drive-row')).toHaveCount(1);
    await page.getByTestId('search-input').fill('');
  });
  await test.step('edited: late sheets stay apart', async () => {
    await openDrive(page, id);
    await page.getByTestId('edit-button').click();
    const third = groupRow(page, '7A3');
    await third.getByTestId('group-signed').fill('35');
    await third.getByTestId('group-expected').fill('39');
    await third.locator('summary').click();
    await third.getByTestId('group-late').fill('2');
    await save(page);
    await expect(page.getByTestId('drive-signed')).toHaveText('107 / 117');
    await expect(page.getByTestId('history')).toContainText('7A3, đã ký: 35');
  });
  await lan.offline(false);
  await allSent(page);
});

test('four volunteers count one school at once, offline; one corrects in between', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  await area.add({ fullName: 'Hoa', name: 'hoa', role: 'volunteer', ward: VINH_YEN });
  await area.add({ fullName: 'Tuấn', name: 'tuan', role: 'volunteer', ward: VINH_YEN });
  const names = ['lan', 'minh', 'hoa', 'tuan'] as const;
  const phones = [];
  for (const name of names) {
    const phone = await startPhone(name, { url: server.url });
    await comeIn(phone, name);
    phones.push(phone);
  }
  const [lan] = phones;
  if (!lan) throw new Error('no phone');
  await openDriveForm(lan.page);
  await addPlace(lan.page, SCHOOL, 'school');
  await addGroups(lan.page, '7A1');
  await groupRow(lan.page, '7A1').getByTestId('group-expected').fill('700');
  await save(lan.page);
  const id = await openSaved(lan.page);
  await allSent(lan.page);
  for (const phone of phones.slice(1)) {
    await goTo(phone.page, '/visits');
    await expect(phone.page.getByTestId('drive-row')).toHaveCount(1, { timeout: 60_000 });
  }
  for (const phone of phones) {
    await openDrive(phone.page, id);
    await phone.offline(true);
  }
  for (const [at, { page }] of phones.entries()) {
    await page.getByTestId('count-button').click();
    if (at === 2) {
      // After a hundred of her own, Hoa hears from the teacher that it is 90 until now, and goes on.
      await taps(page, 100);
      await expect(page.getByTestId('tally-total')).toHaveText('100');
      await page.getByTestId('tally-correct').click();
      await page.getByTestId('correct-number').fill('90');
      await page.getByTestId('correct-keep').click();
      await expect(page.getByTestId('tally-total')).toHaveText('90');
      await taps(page, 100);
      await expect(page.getByTestId('tally-total')).toHaveText('190');
    } else {
      await taps(page, 200);
      await expect(page.getByTestId('tally-total')).toHaveText('200');
    }
    await page.getByTestId('tally-undo').click();
    await expect(page.getByTestId('tally-total')).toHaveText(at === 2 ? '189' : '199');
    await page.getByTestId('tally-done').click();
    await expect(page.getByTestId('visit-state')).toBeVisible();
  }
  for (const phone of phones) await phone.offline(false);
  for (const { page } of phones) await allSent(page);
  // 90 for the hundred that were seen, her other 99, and 199 of each of the three others: by the rule of corrections.
  for (const { page } of phones) {
    await expect(page.getByTestId('drive-signed')).toHaveText('786 / 700', { timeout: 60_000 });
    await expect(page.getByTestId('drive-exceeds')).toBeVisible();
    await expect(page.getByTestId('conflict')).toHaveCount(0);
  }
});

test('sheets and taps are never both added, and a drive goes with its visit', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await comeIn(lan, 'lan');
  await openForm(page);
  await addPlace(page, SCHOOL, 'school');
  await page.getByTestId('form-chip-talk').evaluate((chip) => (chip as HTMLInputElement).click());
  await save(page);
  await page.getByTestId('open-saved').click();
  await page.getByTestId('add-drive').click();
  await expect(page.getByTestId('venue-picker')).toContainText(SCHOOL);
  await addGroups(page, '9A');
  await groupRow(page, '9A').getByTestId('group-signed').fill('30');
  await groupRow(page, '9A').getByTestId('group-expected').fill('40');
  await save(page);
  await openSaved(page);
  await page.getByTestId('count-button').click();
  await expect(page.getByTestId('from-sheets')).toContainText('30');
  await expect(page.getByTestId('tally-plus')).toBeDisabled();
  await page.getByTestId('to-tally').click();
  await taps(page, 3);
  await expect(page.getByTestId('tally-total')).toHaveText('3');
  await page.getByTestId('tally-done').click();
  await expect(page.getByTestId('drive-signed')).toHaveText('3 / 40');
  await page.getByTestId('fact-visit').click();
  await expect(page.getByTestId('visit-drives').getByTestId('drive-row')).toContainText('3 / 40 đã ký');
});
