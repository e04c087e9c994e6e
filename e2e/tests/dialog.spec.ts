/**
 * Nothing moves under a finger while a colleague's edit of the same record arrives: what somebody types into a dialog stays, and a button
 * that is pressed is there until the finger is lifted. The record shows the edit after that.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_YEN, WOMEN } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, openForm, openVisit, save, savedId } from '../lib/steps.ts';
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
