/**
 * What people settle themselves: a record that one removes while another edits it, and one field that both settle at once.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { SCHOOL } from '../lib/lan.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, goTo, openForm, openVisit, save } from '../lib/steps.ts';
import { type Cast, expect, test } from '../lib/test.ts';

/** Lan and Minh, who both look at one visit. */
async function twoAtOneVisit(startServer: Cast['startServer'], startPhone: Cast['startPhone']) {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const minh = await startPhone('minh', { url: server.url });
  for (const [phone, name] of [
    [lan, 'lan'],
    [minh, 'minh'],
  ] as const) {
    await comeIn(phone, name);
  }
  await openForm(lan.page);
  await addPlace(lan.page, SCHOOL, 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 80 });
  await save(lan.page);
  const id = (await lan.page.getByTestId('open-saved').getAttribute('href'))?.split('/').pop() ?? '';
  await allSent(lan.page);
  await goTo(minh.page, '/visits');
  await expect(minh.page.getByTestId('visit-row')).toHaveCount(1, { timeout: 60_000 });
  await openVisit(lan.page, id);
  await openVisit(minh.page, id);
  return { lan, minh, id };
}

test('removed by one and edited by another at once: nothing is lost, a person decides', async ({
  startServer,
  startPhone,
}) => {
  const { lan, minh, id } = await twoAtOneVisit(startServer, startPhone);
  await lan.offline(true);
  await minh.offline(true);
  await lan.page.getByTestId('remove-button').click();
  await lan.page.getByTestId('remove-reason').fill('Ghi trùng');
  await lan.page.getByTestId('remove-confirm').click();
  await expect(lan.page.getByTestId('bring-back')).toBeVisible();
  await editVisit(minh.page, { attendance: 90 });
  await lan.offline(false);
  await minh.offline(false);
  await test.step('both are told, with the edit kept', async () => {
    for (const { page } of [lan, minh]) {
      await expect(page.getByTestId('removed-apart')).toBeVisible({ timeout: 60_000 });
      await expect(page.getByTestId('fact-attendance')).toHaveText('90');
    }
    await goTo(minh.page, '/');
    await minh.page.getByTestId('to-review').click();
    await expect(minh.page.getByTestId('visit-row')).toHaveCount(1);
  });
  await test.step('one decides, and it is decided for both', async () => {
    await lan.page.getByTestId('bring-back').click();
    await expect(lan.page.getByTestId('removed-apart')).toHaveCount(0);
    await expect(minh.page.getByTestId('review-none')).toBeVisible({ timeout: 60_000 });
    await openVisit(minh.page, id);
    await expect(minh.page.getByTestId('fact-attendance')).toHaveText('90');
    await expect(minh.page.getByTestId('history')).toContainText('Ghi trùng');
  });
});

test('a field on which two people differ, settled differently on both phones: one visible end for both', async ({
  startServer,
  startPhone,
}) => {
  const { lan, minh } = await twoAtOneVisit(startServer, startPhone);
  const apart = async (on: boolean) => {
    await lan.offline(on);
    await minh.offline(on);
  };
  await apart(true);
  await editVisit(lan.page, { attendance: 60 });
  await editVisit(minh.page, { attendance: 70 });
  await apart(false);
  for (const { page } of [lan, minh]) {
    await expect(page.getByTestId('conflict-value')).toHaveCount(2, { timeout: 60_000 });
  }
  const settle = async (page: typeof lan.page, value: string) => {
    const line = page.getByTestId('conflict').locator('li').filter({ hasText: value });
    await line.getByTestId('settle').click();
    await line.getByTestId('settle').click();
    await expect(page.getByTestId('conflict')).toHaveCount(0);
  };
  await apart(true);
  await settle(lan.page, '60');
  await settle(minh.page, '70');
  await apart(false);
  await test.step('both see both again, in the same order', async () => {
    for (const { page } of [lan, minh]) {
      await expect(page.getByTestId('conflict-value')).toHaveCount(2, { timeout: 60_000 });
    }
    const seen = await Promise.all([lan, minh].map(({ page }) => page.getByTestId('conflict-value').allTextContents()));
    expect(seen[0]).toEqual(seen[1]);
  });
  await settle(lan.page, '60');
  await expect(minh.page.getByTestId('conflict')).toHaveCount(0, { timeout: 60_000 });
  await expect(minh.page.getByTestId('fact-attendance')).toHaveText('60');
  await expect(minh.page.getByTestId('history')).toContainText('70');
});
