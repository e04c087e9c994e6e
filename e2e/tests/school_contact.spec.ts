/**
 * The contact person of a school: invited by the ward's supervisor, counts the classes of the school without a connection, and
 * has nothing on the phone but the pledge drives of that school.
 */
import type { Page } from '@playwright/test';
import { Area, PASSWORD, VINH_YEN, YOUTH } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, approvePlaces, comeIn, goTo, logVisit, openForm, readyOffline, save, settleIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const ANOTHER = 'Trường tiểu học Đống Đa';

/** Fills one class on the open form of a drive. */
async function addClass(page: Page, name: string, signed: number, expected: number): Promise<void> {
  await page.getByTestId('group-name').fill(name);
  await page.getByTestId('group-add').click();
  const row = page.getByTestId('group-row').filter({ hasText: name });
  await row.getByTestId('group-signed').fill(String(signed));
  await row.getByTestId('group-expected').fill(String(expected));
}

/** A volunteer logs a drive at a school that the register lacks. */
async function logDrive(page: Page, school: string, name: string): Promise<void> {
  await openForm(page);
  await page.getByTestId('kind-drive').click();
  await addPlace(page, school, 'school');
  await addClass(page, name, 30, 38);
  await save(page);
}

const drives = (page: Page) => page.getByTestId('drive-row');

test('invited for a school, counts a class offline, and the ward sees it; no other school is on that phone', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  const [lan, phuong] = [await startPhone('lan', { url: server.url }), await startPhone('phuong', { url: server.url })];
  for (const [phone, name] of [[lan, 'lan'], [phuong, 'phuong']] as const) {
    await comeIn(phone, name);
  }
  await logDrive(lan.page, SCHOOL, '7A1');
  await logDrive(lan.page, ANOTHER, '4B');
  await logVisit(lan.page, { form: 'talk', venue: SCHOOL, attendance: 40 });
  await allSent(lan.page);

  let link = '';
  await test.step('the supervisor approves the schools and invites their contact person', async () => {
    const { page } = phuong;
    await approvePlaces(page, [SCHOOL, ANOTHER]);
    await allSent(page);
    await goTo(page, '/me');
    await page.getByTestId('way-people').click();
    await page.getByTestId('person-full-name').fill('Vũ Hồng Nhung');
    await expect(page.getByTestId('person-school')).toHaveCount(0);
    await page.getByTestId('person-role').selectOption('school_contact');
    await page.getByTestId('person-invite').click();
    await expect(page.locator('#person-school-problem')).toBeVisible();
    await page.getByTestId('person-school').selectOption({ label: SCHOOL });
    await page.getByTestId('person-invite').click();
    const row = page.getByTestId('person-row').filter({ hasText: 'Vũ Hồng Nhung' });
    await expect(row).toContainText(`Phụ trách ở trường học · ${SCHOOL}`);
    link = (await page.getByTestId('invitation-link').textContent()) ?? '';
  });

  const nhung = await startPhone('nhung', { url: server.url });
  const { page } = nhung;
  await test.step('her phone has the drive of her school, and offers nothing else', async () => {
    await page.goto(link);
    await expect(page.getByTestId('join-name')).toHaveText('Vũ Hồng Nhung');
    await page.getByTestId('join-password').fill(PASSWORD);
    await page.getByTestId('join').click();
    await settleIn(page);
    await readyOffline(page);
    await goTo(page, '/');
    await expect(drives(page)).toHaveCount(1);
    await expect(drives(page)).toContainText(SCHOOL);
    await expect(page.getByTestId('new-drive')).toBeVisible();
    for (const entrance of ['new-visit', 'all-cases', 'all-assignments', 'to-confirm']) {
      await expect(page.getByTestId(entrance)).toHaveCount(0);
    }
    await expect(page.locator('nav.navigation a[href="/report"]')).toHaveCount(0);
    await goTo(page, '/visits');
    await expect(page.getByTestId('result-count')).toContainText('1');
    await expect(page.getByTestId('visit-row')).toHaveCount(0);
    await expect(page.locator('main')).not.toContainText(ANOTHER);
  });

  await test.step('without a connection she counts a class; the school is not hers to choose', async () => {
    await nhung.offline(true);
    await drives(page).getByRole('link').click();
    await expect(page.getByTestId('drive-signed')).toHaveText('30 / 38');
    for (const entrance of ['remove-button', 'link-model', 'confirmation']) {
      await expect(page.getByTestId(entrance)).toHaveCount(0);
    }
    await page.getByTestId('edit-button').click();
    await expect(page.getByTestId('fixed-school')).toHaveText(SCHOOL);
    await expect(page.getByTestId('venue-picker')).toHaveCount(0);
    await page.getByTestId('group-signed').fill('36');
    await save(page);
    await expect(page.getByTestId('drive-signed')).toHaveText('36 / 38');
  });

  await test.step('and logs another drive of her school', async () => {
    await goTo(page, '/');
    await page.getByTestId('new-drive').click();
    await expect(page.getByTestId('fixed-school')).toHaveText(SCHOOL);
    await expect(page.getByTestId('fixed-ward')).toContainText('Vĩnh Yên');
    await expect(page.getByTestId('kind-visit')).toHaveCount(0);
    await addClass(page, '8A1', 40, 41);
    await page.getByTestId('field-lead').selectOption(YOUTH);
    await save(page);
    await expect(drives(page)).toHaveCount(2);
    await nhung.offline(false);
    await allSent(page);
  });

  await test.step('the ward sees both', async () => {
    for (const ward of [lan.page, phuong.page]) {
      await goTo(ward, '/visits');
      await expect(drives(ward)).toHaveCount(3, { timeout: 60_000 });
      await expect(drives(ward).filter({ hasText: '36 / 38' })).toContainText(SCHOOL);
      await expect(drives(ward).filter({ hasText: '40 / 41' })).toContainText(SCHOOL);
    }
  });

  await test.step('a drive that turns out to be of another school leaves her phone', async () => {
    await drives(lan.page).filter({ hasText: '36 / 38' }).getByRole('link').click();
    await lan.page.getByTestId('edit-button').click();
    await lan.page.getByTestId('venue-picker').click();
    const dialog = lan.page.locator('dialog[open]');
    await dialog.getByTestId('place-search').fill(ANOTHER);
    await dialog.getByTestId('place-option').filter({ hasText: ANOTHER }).first().click();
    await save(lan.page);
    await allSent(lan.page);
    await goTo(page, '/visits');
    await expect(drives(page)).toHaveCount(1, { timeout: 60_000 });
    await expect(drives(page)).toContainText('40 / 41');
  });
});
