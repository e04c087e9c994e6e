/**
 * The lock of a phone: when it closes, what opens it, what a person must choose.
 */
import type { Page } from '@playwright/test';
import { Area, PASSWORD, VINH_YEN } from '../lib/area.ts';
import { SCHOOL, firstVisit, lanAtWork, lock } from '../lib/lan.ts';
import { PIN, chooseSecret, fillVisit, goTo, openAt, openForm, settleIn, unlock } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('left alone it locks, with a camera open it does not; after three days off line it asks for contact', async ({
  startServer,
  startPhone,
}) => {
  const { phone, page } = await lanAtWork({ startServer, startPhone });

  await test.step('six minutes without a touch', async () => {
    await goTo(page, '/');
    await later(page, 4 * MINUTE);
    await stays(page, 'sync-footer');
    await later(page, 6 * MINUTE);
    await expect(page.getByTestId('lock-secret')).toBeVisible({ timeout: 20_000 });
    await unlock(page);
  });

  await test.step('the camera of a form keeps it open, and the draft is there', async () => {
    await openForm(page);
    await fillVisit(page, { form: 'talk', venue: SCHOOL, attendance: 12 });
    const chooser = page.waitForEvent('filechooser');
    await page.getByTestId('photo-input').evaluate((input: HTMLInputElement) => input.click());
    await chooser;
    await later(page, 14 * MINUTE);
    await stays(page, 'save-button');
  });

  await test.step('seventy-three hours later, without a connection', async () => {
    await later(page, 60 * MINUTE);
    await expect(page.getByTestId('lock-secret')).toBeVisible({ timeout: 20_000 });
    await phone.offline(true);
    await later(page, 74 * 60 * MINUTE);
    await page.getByTestId('lock-secret').fill(PIN);
    await page.getByTestId('unlock').click();
    await expect(page.getByRole('alert').filter({ hasText: 'lâu không liên lạc' })).toBeVisible();
    await phone.offline(false);
    await unlock(page);
    await expect(page.getByTestId('sync-footer').or(page.getByTestId('save-button')).first()).toBeVisible();
  });
});

test("the phone's own lock opens too", async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  // The browser gives such locks to names alone, not to numbers of machines.
  const phone = await startPhone('lan', { url: server.url.replace('127.0.0.1', 'localhost') });
  const { page } = phone;
  const session = await phone.context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await phone.openInstalled();
  await firstVisit(page);
  await goTo(page, '/me');
  await page.getByTestId('use-own-lock').click();
  await expect(page.getByText('Từ nay mở được bằng khóa của máy.')).toBeVisible();
  await page.getByTestId('lock-now').click();
  await page.getByTestId('unlock-own').click();
  await expect(page.getByTestId('sync-footer')).toBeVisible();
});

test('another PIN takes the place of the old one, for who knows the old one', async ({ startServer, startPhone }) => {
  const { page } = await lanAtWork({ startServer, startPhone });
  const change = async (old: string, secret: string) => {
    await goTo(page, '/me');
    await page.getByTestId('change-secret').click();
    await page.getByTestId('old-secret').fill(old);
    await chooseSecret(page, secret);
  };
  await change('908172', '161803');
  await expect(page.locator('.field-problem').filter({ hasText: 'chưa đúng' })).toBeVisible();
  await change(PIN, '161803');
  await expect(page.getByText('Đã đổi mã.')).toBeVisible();
  await page.goto('/');
  await page.getByTestId('lock-secret').fill(PIN);
  await page.getByTestId('unlock').click();
  await expect(page.getByRole('alert').filter({ hasText: 'chưa đúng' })).toBeVisible();
  await unlock(page, '161803');
  await expect(page.getByTestId('visit-row')).toHaveCount(1);
});

test('an officer of after-care needs a passphrase', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Hoa', name: 'hoa', role: 'aftercare_officer', ward: VINH_YEN });
  const phone = await startPhone('hoa', { url: server.url });
  const { page } = phone;
  await phone.openInstalled();
  await page.getByTestId('sign-in-name').fill('hoa');
  await page.getByTestId('sign-in-password').fill(PASSWORD);
  await page.getByTestId('sign-in-button').click();
  for (const weak of [PIN, '27182818284590']) {
    await chooseSecret(page, weak);
    await expect(page.locator('.field-problem').filter({ hasText: 'từ 10 ký tự' })).toBeVisible();
  }
  await settleIn(page, 'mùa xuân đến sớm');
  await openAt(page, '/', 'mùa xuân đến sớm');
  await expect(page.getByTestId('sync-footer')).toBeVisible();
});

const MINUTE = 60_000;

/** Moves the phone's clock to so many milliseconds after now; what the app looks at from time to time goes on. */
async function later(page: Page, ms: number): Promise<void> {
  await page.clock.setSystemTime(Date.now() + ms);
}

/** Something is still there after the app has looked at its clock. */
async function stays(page: Page, testId: string): Promise<void> {
  await page.waitForTimeout(7_000);
  await expect(page.getByTestId(testId)).toBeVisible();
}

test('a key worker that does not come keeps nobody out, and what could not be checked is no wrong try', async ({
  startServer,
  startPhone,
}) => {
  const { phone, page } = await lanAtWork({ startServer, startPhone });
  await page.addInitScript(() => {
    const page = window as unknown as { workersThatFail: number };
    page.workersThatFail = 1;
    window.Worker = class extends Worker {
      constructor(address: string | URL, options?: WorkerOptions) {
        const fails = String(address) === '/kdf.js' && page.workersThatFail > 0;
        super(fails ? '/not-there.js' : address, options);
        if (fails) page.workersThatFail -= 1;
      }
    };
  });
  const fail = (workers: number) =>
    page.evaluate((workers) => Object.assign(window, { workersThatFail: workers }), workers);
  await phone.offline(true);

  await test.step('the one that was made ready could not be loaded: another is asked', async () => {
    await page.goto('/');
    await expect(page.getByTestId('lock-secret')).toBeVisible();
    await expect.poll(() => page.evaluate(() => Object(window).workersThatFail)).toBe(0);
    await unlock(page);
  });

  await test.step('none comes: eleven times the right PIN is refused with a sentence, and still opens afterwards', async () => {
    await fail(1_000);
    await lock(page);
    for (let n = 1; n <= 11; n += 1) {
      await page.getByTestId('lock-secret').fill(PIN);
      await page.getByTestId('unlock').click();
      await expect(page.getByTestId('lock-secret')).toHaveValue('');
      await expect(page.getByRole('alert').filter({ hasText: 'không tính là nhập sai' })).toBeVisible();
    }
    await fail(0);
    await unlock(page);
    await expect(page.getByTestId('sync-footer')).toBeVisible();
  });
});
