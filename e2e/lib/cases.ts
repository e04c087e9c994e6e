/**
 * What officers do with cases on their screens, for every test that needs one.
 */
import type { Page } from '@playwright/test';
import { goTo, save } from './steps.ts';
import { expect } from './test.ts';

/** What opens the records of whoever holds cases. */
export const PHRASE = 'mùa xuân đến sớm';
/** What only officers may read. */
export const SECRETS = ['Trần Văn Hùng Dũng', '001085000777', 'Ngõ 5 phố Bạch Đằng'];

/** Opens a case in the list. */
export async function openCase(page: Page, name: string): Promise<void> {
  if (new URL(page.url()).pathname !== '/cases') {
    await goTo(page, '/');
    await page.getByTestId('all-cases').click();
  }
  await page.getByTestId('case-row').filter({ hasText: name }).getByRole('link').click();
  await expect(page.getByTestId('fact-status')).toBeVisible();
}

/** Begins a case of compulsory treatment since 15/08/2026; `more` fills in what else the form asks. */
export async function beginCase(page: Page, name: string, more?: () => Promise<void>): Promise<void> {
  await goTo(page, '/');
  await page.getByTestId('all-cases').click();
  await page.getByTestId('new-case').click();
  await page.getByTestId('address-as-input').fill(name);
  await page.getByTestId('meet-at-input').fill('Quán nước đầu ngõ');
  await page.getByTestId('full-name-input').fill(SECRETS[0] ?? '');
  await page.getByTestId('born-input').fill('02/03/1985');
  await page.getByTestId('identity-number-input').fill(SECRETS[1] ?? '');
  await page.getByTestId('lives-at-input').fill(SECRETS[2] ?? '');
  await page.getByTestId('field-completion').selectOption('compulsory_adult');
  await page.getByTestId('starts-input').fill('2026-08-15');
  await expect(page.getByTestId('ends-by-rule')).toContainText('15/08/2028');
  await expect(page.getByTestId('ends-by-rule')).toContainText('chờ xác nhận');
  await more?.();
  await save(page);
  await expect(page.getByTestId('case-row').filter({ hasText: name })).toBeVisible();
}

/** Gives the case that is open to a helper of the ward. */
export async function assignHelper(page: Page, name: string): Promise<void> {
  await toggleHelper(page, name);
  await expect(page.getByTestId('fact-helpers')).toContainText(name);
}

/** Takes the case that is open from a helper who looks after it. */
export async function takeHelperOff(page: Page, name: string): Promise<void> {
  await toggleHelper(page, name);
  // The fact goes with its last helper.
  await expect(page.getByTestId('fact-helpers').filter({ hasText: name })).toHaveCount(0);
}

async function toggleHelper(page: Page, name: string): Promise<void> {
  const toggle = page.getByTestId('helper-row').filter({ hasText: name }).getByTestId('helper-toggle');
  await page.getByTestId('assign-helper').click();
  const before = (await toggle.textContent()) ?? '';
  await toggle.click();
  await expect(toggle).not.toHaveText(before);
  await page.keyboard.press('Escape');
}
