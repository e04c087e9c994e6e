/**
 * What somebody types into a dialog stays while a colleague's edit of the same record arrives; the record shows the edit once the
 * dialog is closed.
 */
import { Area, VINH_YEN, WOMEN } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, openForm, openVisit, save, savedId } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('an open dialog keeps what was typed while the record changes under it', async ({ startServer, startPhone }) => {
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

  await lan.page.getByTestId('remove-button').click();
  const reason = lan.page.getByTestId('remove-reason');
  await reason.fill('Ghi trùng với chị Thu');
  const arrived = lan.page.waitForResponse(
    async (reply) => reply.url().endsWith('/api/v1/pull') && (await reply.body()).byteLength > 200,
  );
  await editVisit(thu.page, { form: 'talk', attendance: 75 });
  await arrived;
  // Long enough for the page to be stored and drawn.
  await lan.page.waitForTimeout(1_500);
  await expect(reason).toHaveValue('Ghi trùng với chị Thu');
  await expect(lan.page.locator('main')).not.toContainText('75');

  await lan.page.getByTestId('remove-cancel').click();
  await expect(lan.page.locator('main')).toContainText('75');
  await expect(reason).toBeHidden();
});
