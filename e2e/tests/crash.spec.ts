/**
 * A program that died says so: what was saved is safe, and the app can be opened again.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { addPlace, fillVisit, openForm, save, signIn, unlock } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('after a crash the person is told, and what was saved is there again', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  await (await Area.setUp(server)).lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await lan.openInstalled();
  await signIn(page, 'lan');
  await openForm(page);
  await addPlace(page, 'THCS Vĩnh Yên', 'school');
  await fillVisit(page, { form: 'talk', attendance: 80 });
  await save(page);
  await expect(page.locator('#trouble')).toHaveCount(0);
  // An ordinary error of a page is not the end of the program.
  await page.evaluate(() => dispatchEvent(new ErrorEvent('error', { error: new Error('ordinary') })));
  await expect(page.locator('#trouble')).toHaveCount(0);
  // As the browser tells a trap inside a callback.
  await page.evaluate(() => {
    const error = new WebAssembly.RuntimeError('unreachable');
    dispatchEvent(new ErrorEvent('error', { error }));
  });
  await expect(page.locator('#trouble')).toContainText('Những gì đã lưu vẫn còn trên máy');
  await page.locator('#trouble').getByRole('button', { name: 'Mở lại' }).click();
  await unlock(page);
  await expect(page.getByTestId('visit-row').first()).toContainText('THCS Vĩnh Yên');
});
