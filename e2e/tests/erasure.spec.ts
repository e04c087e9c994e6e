/**
 * A case erased for good: its officer asks, an administrator grants, every phone lets go of it, and one that was away cannot
 * bring it back.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_YEN } from '../lib/area.ts';
import { PHRASE, SECRETS, assignHelper, beginCase, openCase, takeHelperOff } from '../lib/cases.ts';
import { allSent, comeIn, goTo, save, somethingWaits, syncNow } from '../lib/steps.ts';
import { type Cast, expect, test } from '../lib/test.ts';

/** An officer with these cases, and a helper who looks after the first of them, each with a phone. */
async function begin(startServer: Cast['startServer'], startPhone: Cast['startPhone'], names: string[]) {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Ngô Mai', name: 'mai', role: 'helper', ward: VINH_YEN });
  await area.add({ fullName: 'Hải', name: 'hai', role: 'administrator' });
  const officer = await startPhone('thu', { url: server.url });
  await comeIn(officer, 'thu', PHRASE);
  for (const name of names) await beginCase(officer.page, name);
  await allSent(officer.page);
  await openCase(officer.page, 'anh Hùng');
  await assignHelper(officer.page, 'Ngô Mai');
  await allSent(officer.page);
  const helper = await startPhone('mai', { url: server.url });
  await comeIn(helper, 'mai', PHRASE);
  await goTo(helper.page, '/');
  await expect(helper.page.getByTestId('due-row')).toContainText('Thăm anh Hùng', { timeout: 60_000 });
  return { server, officer, helper };
}

/** The helper meets the person, and logs it. */
async function checkIn(mai: Page): Promise<void> {
  await openCase(mai, 'anh Hùng');
  await mai.getByTestId('new-check-in').click();
  await mai.getByTestId('how-chip-home').evaluate((chip) => (chip as HTMLInputElement).click());
  await save(mai);
}

test('a case is erased by two people while its helper is away with a check-in', async ({ startServer, startPhone }) => {
  const { server, officer, helper } = await begin(startServer, startPhone, ['anh Hùng', 'chị Lành']);
  const [page, mai] = [officer.page, helper.page];
  await helper.offline(true);
  await checkIn(mai);
  // And a draft that is never saved.
  await mai.getByTestId('new-check-in').click();
  await mai.getByTestId('notes-input').fill('chưa ghi xong');
  await mai.getByTestId('back').click();
  await goTo(mai, '/');
  await expect(mai.getByTestId('draft-row')).toHaveCount(1);
  await somethingWaits(mai);

  await test.step('the officer asks, takes it back, and asks again', async () => {
    await page.getByTestId('erase-button').click();
    await page.getByTestId('erase-ask').click();
    await expect(page.locator('#erase-reason-problem')).toContainText('Còn thiếu');
    for (const back of [true, false]) {
      await page.getByTestId('erase-reason').selectOption('asked_for');
      await page.getByTestId('erase-ask').click();
      await expect(page.getByTestId('erase-waits')).toContainText('Phạm Thu đã xin xóa');
      await expect(page.getByTestId('erase-waits')).toContainText('người đó đề nghị xóa');
      if (back) await page.getByTestId('erase-take-back').click();
    }
    await page.keyboard.press('Escape');
  });

  const administrator = await startPhone('hai', { url: server.url });
  await comeIn(administrator, 'hai');
  const { page: admin } = administrator;
  await test.step('the administrator grants it without seeing anything of it', async () => {
    await goTo(admin, '/me');
    await admin.getByTestId('way-people').click();
    const asked = admin.getByTestId('approval-row');
    await expect(asked).toContainText('Phạm Thu xin xóa vĩnh viễn một hồ sơ sau cai');
    const seen = await admin.locator('body').innerText();
    for (const secret of [...SECRETS, 'anh Hùng']) expect(seen).not.toContain(secret);
    await asked.getByTestId('approval-grant').click();
    await expect(asked).toHaveCount(1);
    await asked.getByTestId('approval-grant-sure').click();
    await expect(asked).toHaveCount(0);
  });

  await test.step('the officer no longer has it, and keeps the other one', async () => {
    await goTo(page, '/');
    await page.getByTestId('all-cases').click();
    await expect(page.getByTestId('case-row')).toHaveCount(1, { timeout: 60_000 });
    await expect(page.getByTestId('case-row')).toContainText('chị Lành');
  });

  await test.step('nor does the helper, who is told that a check-in went with it', async () => {
    await helper.offline(false);
    await syncNow(mai);
    await allSent(mai);
    await goTo(mai, '/');
    await expect(mai.getByTestId('erased-unsent')).toBeVisible();
    await expect(mai.getByTestId('due-row')).toHaveCount(0);
    await expect(mai.getByTestId('draft-row')).toHaveCount(0);
    await mai.getByTestId('erased-unsent-close').click();
    await expect(mai.getByTestId('erased-unsent')).toHaveCount(0);
    await mai.reload();
    await mai.getByTestId('lock-secret').fill(PHRASE);
    await mai.getByTestId('unlock').click();
    await expect(mai.getByTestId('sync-footer')).toBeVisible();
    expect(await mai.locator('body').innerText()).not.toContain('anh Hùng');
    await expect(mai.getByTestId('erased-unsent')).toHaveCount(0);
  });
});

test('who had lost the case before it was erased lets go of what was refused', async ({ startServer, startPhone }) => {
  const { server, officer, helper } = await begin(startServer, startPhone, ['anh Hùng']);
  const [page, mai] = [officer.page, helper.page];
  await helper.offline(true);
  await checkIn(mai);
  await takeHelperOff(page, 'Ngô Mai');
  await allSent(page);
  await helper.offline(false);
  await syncNow(mai);
  await expect(mai.getByTestId('sync-footer')).toHaveAttribute('class', 'sync-footer fail', { timeout: 60_000 });
  // Her check-in alone: that she had opened the case is in the log.
  await expect(mai.getByTestId('refused-row')).toHaveCount(1);

  await page.getByTestId('erase-button').click();
  await page.getByTestId('erase-reason').selectOption('asked_for');
  await page.getByTestId('erase-ask').click();
  await expect(page.getByTestId('erase-waits')).toBeVisible();
  await page.keyboard.press('Escape');
  const administrator = await startPhone('hai', { url: server.url });
  await comeIn(administrator, 'hai');
  await goTo(administrator.page, '/me');
  await administrator.page.getByTestId('way-people').click();
  const asked = administrator.page.getByTestId('approval-row');
  await asked.getByTestId('approval-grant').click();
  await asked.getByTestId('approval-grant-sure').click();
  await expect(asked).toHaveCount(0);

  // Nobody tells her phone; it asks by itself at its next start.
  await mai.reload();
  await mai.getByTestId('lock-secret').fill(PHRASE);
  await mai.getByTestId('unlock').click();
  await goTo(mai, '/');
  await expect(mai.getByTestId('erased-unsent')).toBeVisible({ timeout: 60_000 });
  await allSent(mai);
  expect(await mai.locator('body').innerText()).not.toContain('anh Hùng');
});
