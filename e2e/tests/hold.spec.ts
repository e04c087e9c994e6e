/**
 * A first download over a slow line can be paused: nothing more is fetched, what is recorded is sent all the same, and it goes
 * on where it stood.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { addPlace, allSent, demoSignIn, fillVisit, openForm, save } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('a first download can be paused, and what is recorded meanwhile is sent', async ({ startServer, startPhone }) => {
  test.slow();
  const server = await startServer({ content: 'demo' });
  const phone = await startPhone('slow', { url: server.url });
  const { page } = phone;
  let pulls = 0;
  // A slow line: each page of the download takes its time.
  await page.context().route('**/api/v1/pull', async (route) => {
    pulls += 1;
    await pause(1500);
    await route.continue();
  });
  await phone.openInstalled();
  await demoSignIn(page, 'phuong');
  await page.getByTestId('sync-footer').click();
  await page.getByTestId('sync-hold').click();
  await expect(page.getByRole('status').filter({ hasText: 'Đang tạm dừng tải về' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('ready-offline')).toBeHidden();
  const before = pulls;

  await test.step('what is recorded is sent', async () => {
    await openForm(page);
    await addPlace(page, 'Trường THCS Tô Hiệu', 'school');
    await fillVisit(page, { form: 'talk', attendance: 40, notes: 'khi đang tạm dừng' });
    await save(page);
    await allSent(page);
    expect(pulls).toBe(before);
  });

  await test.step('it goes on where it stood', async () => {
    await page.getByTestId('sync-footer').click();
    await page.getByTestId('sync-go-on').click();
    await expect(page.getByTestId('ready-offline')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByTestId('sync-go-on')).toBeHidden();
    expect(pulls).toBeGreaterThan(before);
  });
});
