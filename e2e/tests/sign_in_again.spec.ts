/**
 * A session that ended on the server costs nobody a record: the phone says so, the person signs in again, and what
 * waited is sent.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { addPlace, allSent, fillVisit, goTo, openForm, save, signIn, somethingWaits, syncNow } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('signing in again sends what waited', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const phone = await startPhone('lan', { url: server.url });
  const { page } = phone;
  const asked = page.waitForRequest((request) => request.url().endsWith('/api/v1/pull'));
  await phone.openInstalled();
  await signIn(page, 'lan');
  const authorization = (await (await asked).allHeaders())['authorization'] ?? '';
  expect(authorization).toContain('Bearer ');
  await allSent(page);

  await test.step('the session ends on the server; a record is saved all the same', async () => {
    const ended = await fetch(`${server.url}/api/v1/session`, { method: 'DELETE', headers: { authorization } });
    expect(ended.status).toBe(204);
    await openForm(page);
    await addPlace(page, 'THCS Khai Quang', 'school');
    await fillVisit(page, { form: 'talk', attendance: 44 });
    await save(page);
    await expect(page.getByTestId('saved-line')).toContainText('Đã lưu trên máy');
    await somethingWaits(page);
  });

  await test.step('the home screen says so and leads to the sign-in; nothing is lost', async () => {
    await goTo(page, '/');
    await page.getByTestId('sign-in-again').click();
    await signIn(page, 'lan');
    await syncNow(page);
    await allSent(page);
    await goTo(page, '/visits');
    await expect(page.getByTestId('visit-row')).toContainText('THCS Khai Quang');
    await expect(page.getByTestId('sign-in-again')).toHaveCount(0);
  });
});
