/**
 * Nothing moves under a finger while a colleague's edit of the same record arrives: what somebody types into a dialog stays, and a button
 * that is pressed is there until the finger is lifted. The record shows the edit after that.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_PHUC, VINH_YEN, WOMEN } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, openForm, openVisit, save, savedId, signIn } from '../lib/steps.ts';
import { type Cast, expect, test } from '../lib/test.ts';

/** Lan and Thu both look at the visit that Lan logged. */
async function world({ startServer, startPhone }: Cast): Promise<[Page, Page]> {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.add({ fullName: 'Thu', name: 'thu', role: 'union_head', ward: VINH_YEN, organisation: WOMEN });
  const lan = await startPhone('lan', { url: server.url });
  const thu = await startPhone('thu', { url: server.url });
  await comeIn(lan, 'lan');
  await comeIn(thu, 'thu');
  await openForm(lan.page);
  await addPlace(lan.page, SCHOOL, 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 40 });
  await save(lan.page);
  const id = await savedId(lan.page);
  await allSent(lan.page);
  await openVisit(lan.page, id);
  await openVisit(thu.page, id);
  return [lan.page, thu.page];
}

/** Thu writes 75, and Lan's phone has had long enough to store and draw it. */
async function writes75(thu: Page, lan: Page): Promise<void> {
  const arrived = lan.waitForResponse(
    async (reply) => reply.url().endsWith('/api/v1/pull') && (await reply.body()).byteLength > 200,
  );
  await editVisit(thu, { form: 'talk', attendance: 75 });
  await arrived;
  await lan.waitForTimeout(1_500);
}

test('an open dialog keeps what was typed while the record changes under it', async ({ startServer, startPhone }) => {
  const [lan, thu] = await world({ startServer, startPhone });
  await lan.getByTestId('remove-button').click();
  const reason = lan.getByTestId('remove-reason');
  await reason.fill('Ghi trùng với chị Thu');
  await writes75(thu, lan);
  await expect(reason).toHaveValue('Ghi trùng với chị Thu');
  await expect(lan.locator('main')).not.toContainText('75');

  await lan.getByTestId('remove-cancel').click();
  await expect(lan.locator('main')).toContainText('75');
  await expect(reason).toBeHidden();
});

test('a button that is pressed while the record changes does what it says', async ({ startServer, startPhone }) => {
  const [lan, thu] = await world({ startServer, startPhone });
  await lan.getByTestId('remove-button').hover();
  await lan.mouse.down();
  await writes75(thu, lan);
  await expect(lan.locator('main')).not.toContainText('75');
  await lan.mouse.up();
  await expect(lan.getByTestId('remove-reason')).toBeVisible();
  await lan.getByTestId('remove-cancel').click();
  await expect(lan.locator('main')).toContainText('75');

  // Lifted where nothing is: the record moves again without a tap.
  await lan.mouse.move(180, 5);
  await lan.mouse.down();
  await editVisit(thu, { form: 'talk', attendance: 81 });
  await lan.mouse.move(180, 300);
  await lan.mouse.up();
  await expect(lan.locator('main')).toContainText('81');
});

test('a place is added once, also when the first download comes late and rights change under the dialog', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const phone = await startPhone('lan', { url: server.url });
  const { page } = phone;
  let goOn = () => {};
  const held = new Promise<void>((resolve) => (goOn = resolve));
  await phone.context.route('**/api/v1/pull', async (route) => {
    await held;
    await route.continue();
  });
  await phone.openInstalled();
  await signIn(page, 'lan');
  await openForm(page);
  await page.getByTestId('venue-picker').click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByTestId('place-add').click();
  await dialog.getByTestId('place-name').fill(SCHOOL);

  await test.step('before the wards are here it says why nothing is added', async () => {
    await dialog.getByTestId('place-add-save').click();
    await expect(dialog.getByRole('alert').filter({ hasText: 'danh mục' })).toBeVisible();
  });

  await test.step('they come into the open dialog, which keeps what was typed; pressed twice, it adds one', async () => {
    const register = page.waitForResponse((reply) => reply.url().endsWith('/api/v1/pull'));
    goOn();
    await register;
    await page.waitForTimeout(1_500);
    await expect(dialog.getByTestId('place-name')).toHaveValue(SCHOOL);
    await dialog.getByTestId('place-add-save').dblclick();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByTestId('venue-picker')).toContainText(SCHOOL);
    await page.getByTestId('venue-picker').click();
    await expect(dialog.getByTestId('place-option').filter({ hasText: SCHOOL })).toHaveCount(1);
  });

  await test.step('other rights do not close it either', async () => {
    await dialog.getByTestId('place-add').click();
    await dialog.getByTestId('place-name').fill('Nhà văn hóa');
    const refreshed = page.waitForResponse((reply) => reply.url().includes('/api/v1/session?'));
    await area.move('lan', VINH_PHUC);
    await refreshed;
    await page.waitForTimeout(1_000);
    await expect(dialog.getByTestId('place-name')).toHaveValue('Nhà văn hóa');
  });
});
