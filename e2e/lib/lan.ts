/** Lan, a volunteer, at work on her phone: where the tests of its safety begin. */
import { type Page, expect } from '@playwright/test';
import { Area, VINH_YEN } from './area.ts';
import { addPlace, allSent, fillVisit, goTo, openForm, save, signIn } from './steps.ts';
import type { Cast } from './test.ts';

/** A school that the register does not know yet. */
export const SCHOOL = 'Trường THCS Tích Sơn';

/** Signs in as Lan, logs one visit at the school and waits until it is sent. */
export async function firstVisit(page: Page): Promise<void> {
  await signIn(page, 'lan');
  await openForm(page);
  await addPlace(page, SCHOOL, 'school');
  await fillVisit(page, { form: 'talk', attendance: 41 });
  await save(page);
  await allSent(page);
}

/** Lan, a volunteer, on a phone that has one record and knows the school. */
export async function lanAtWork({ startServer, startPhone }: Pick<Cast, 'startServer' | 'startPhone'>) {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const phone = await startPhone('lan', { url: server.url });
  await phone.openInstalled();
  await firstVisit(phone.page);
  return { server, area, phone, page: phone.page };
}

/** Locks the app on the screen for that. */
export async function lock(page: Page): Promise<void> {
  await goTo(page, '/me');
  await page.getByTestId('lock-now').click();
  await expect(page.getByTestId('lock-secret')).toBeVisible();
}
