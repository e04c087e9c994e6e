/**
 * What people do on their screens, step by step, and what they wait to see. Found by the stable test names of the
 * interface; nothing here knows how it is built or what the server says.
 */
import { type Locator, type Page, expect } from '@playwright/test';
import { PASSWORD } from './area.ts';
import type { Phone } from './phone.ts';
import { code as oneTimeCode } from './totp.ts';

/** What a person types about a visit. Whatever is absent is left as the form has it. */
export interface VisitInput {
  /** The code of its form. */
  form?: string;
  /** The name of the place; chosen by search. */
  venue?: string;
  /** Typed attendance; `null` says that it is not known. */
  attendance?: number | null;
  /** Further numbers by their code. */
  counts?: Record<string, number>;
  /** Codes of topics to be chosen. */
  topics?: string[];
  /** The code of the campaign. */
  campaign?: string;
  notes?: string;
  /** A picture to be added. */
  photo?: Buffer;
}

/** Codes of the numbers that stand under "materials"; the others stand under "groups". */
const MATERIALS = ['leaflets', 'booklets', 'posters', 'banners', 'keepsakes', 'sessions', 'households'];

/** The PIN of everybody in the tests. */
export const PIN = '271828';

/** Signs in on the sign-in screen, chooses a PIN where one is asked for, and waits for home. */
export async function signIn(page: Page, name: string, password = PASSWORD, secret = PIN): Promise<void> {
  await page.getByTestId('sign-in-name').fill(name);
  await page.getByTestId('sign-in-password').fill(password);
  await page.getByTestId('sign-in-button').click();
  await settleIn(page, secret);
}

/** Somebody takes a phone with the app on it, signs in, and waits until everything is there: ready for where no signal is. */
export async function comeIn(phone: Phone, name: string, secret = PIN): Promise<void> {
  await phone.openInstalled();
  await signIn(phone.page, name, undefined, secret);
  await readyOffline(phone.page);
}

/** From a sign-in or an invitation to home: two-step codes and the PIN, where they are asked for. */
export async function settleIn(page: Page, secret = PIN): Promise<void> {
  const [code, pin, home] = ['new-code', 'new-secret', 'sync-footer'].map((id) => page.getByTestId(id));
  await expect(code.or(pin).or(home).first()).toBeVisible({ timeout: 30_000 });
  if (await code.isVisible()) {
    const key = (await page.getByTestId('code-secret').textContent()) ?? '';
    await code.fill(oneTimeCode(key));
    await page.getByTestId('code-confirm').click();
    await expect(pin).toBeVisible();
  }
  if (await pin.isVisible()) await chooseSecret(page, secret);
  await expect(home).toBeVisible({ timeout: 30_000 });
}

/** Chooses a PIN or passphrase on the screen that asks for one. */
export async function chooseSecret(page: Page, secret = PIN): Promise<void> {
  await page.getByTestId('new-secret').fill(secret);
  await page.getByTestId('new-secret-again').fill(secret);
  await page.getByTestId('keep-secret').click();
}

/** Opens the records of the person shown on the lock screen. */
export async function unlock(page: Page, secret = PIN): Promise<void> {
  await page.getByTestId('lock-secret').fill(secret);
  await page.getByTestId('unlock').click();
  await expect(page.getByTestId('lock-secret')).toHaveCount(0, { timeout: 30_000 });
}

/** Loads an address anew, which locks the app, and opens it again. */
export async function openAt(page: Page, path: string, secret = PIN): Promise<void> {
  await page.goto(path);
  await unlock(page, secret);
}

/** Opens a place of the app by its navigation, without loading the page again. */
export async function goTo(page: Page, path: '/' | '/visits' | '/report' | '/me'): Promise<void> {
  await page.locator(`nav.navigation a[href="${path}"]`).click();
  await expect(page).toHaveURL((url) => url.pathname === path);
}

/** Opens a folded part of the form. */
async function unfold(page: Page, part: string): Promise<Locator> {
  const details = page.getByTestId(part);
  if (!(await details.evaluate((element) => (element as HTMLDetailsElement).open))) {
    await details.locator('summary').click();
  }
  return details;
}

/** Presses a chip: its drawn label, as a thumb does. */
export async function press(page: Page, chip: string): Promise<void> {
  await page.locator('label').filter({ has: page.getByTestId(chip) }).click();
}

/** Chooses a chip, a radio button or a checkbox under a drawn label. */
export async function choose(page: Page, chip: string): Promise<void> {
  await press(page, chip);
  await expect(page.getByTestId(chip)).toBeChecked();
}

/** Chooses the venue by search. */
export async function chooseVenue(page: Page, name: string): Promise<void> {
  await page.getByTestId('venue-picker').click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByTestId('place-search').fill(name);
  await dialog.getByTestId('place-option').filter({ hasText: name }).first().click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('venue-picker')).toContainText(name);
}

/** Adds a place that the register lacks, by way of the venue picker; it becomes the venue. */
export async function addPlace(page: Page, name: string, kind: string): Promise<void> {
  await page.getByTestId('venue-picker').click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByTestId('place-add').click();
  await dialog.getByTestId('place-name').fill(name);
  await dialog.getByTestId('place-kind').selectOption(kind);
  await dialog.getByTestId('place-add-save').click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('venue-picker')).toContainText(name);
}

/** Says that nobody counted. */
async function setUnknown(page: Page): Promise<void> {
  const box = page.getByTestId('attendance-input-unknown');
  if (!(await box.isChecked())) await press(page, 'attendance-input-unknown');
  await expect(box).toBeChecked();
  await expect(page.getByTestId('attendance-input')).toHaveValue('');
}

/** Fills what `input` names on the open form. */
export async function fillVisit(page: Page, input: VisitInput): Promise<void> {
  if (input.venue !== undefined) await chooseVenue(page, input.venue);
  if (input.form !== undefined) await choose(page, `form-chip-${input.form}`);
  if (input.attendance === null) await setUnknown(page);
  else if (input.attendance !== undefined) await page.getByTestId('attendance-input').fill(String(input.attendance));
  for (const [code, value] of Object.entries(input.counts ?? {})) {
    await unfold(page, MATERIALS.includes(code) ? 'more-materials' : 'more-groups');
    await page.getByTestId(`count-${code}`).fill(String(value));
  }
  if (input.topics || input.campaign) await unfold(page, 'more-topics');
  for (const topic of input.topics ?? []) await choose(page, `topic-chip-${topic}`);
  if (input.campaign !== undefined) await page.getByTestId('field-campaign').selectOption(input.campaign);
  if (input.notes !== undefined) await page.getByTestId('notes-input').fill(input.notes);
  if (input.photo) {
    const picture = { name: 'IMG_2026.jpg', mimeType: 'image/jpeg', buffer: input.photo };
    await page.getByTestId('photo-input').setInputFiles(picture);
    // Twelve megapixels are read, drawn anew, sealed and written first.
    await expect(page.getByTestId('photo')).toBeVisible({ timeout: 60_000 });
  }
}

/** Presses "save" and waits for the words that it is kept on the phone. */
export async function save(page: Page): Promise<void> {
  await page.getByTestId('save-button').click();
  await expect(page.getByTestId('saved-line')).toBeVisible();
}

/** Logs a visit from home and returns its id. */
export async function logVisit(page: Page, input: VisitInput): Promise<string> {
  await openForm(page);
  await fillVisit(page, input);
  await save(page);
  return savedId(page);
}

/** The id of the record that was saved just now, from the words that say so. */
export async function savedId(page: Page): Promise<string> {
  const address = await page.getByTestId('open-saved').getAttribute('href');
  const id = address?.split('/').pop();
  if (!id) throw new Error('the confirmation does not lead to the record');
  return id;
}

/** "Ghi hoạt động" from wherever the person is. */
export async function openForm(page: Page): Promise<void> {
  if (new URL(page.url()).pathname !== '/') await goTo(page, '/');
  await page.getByTestId('new-visit').click();
  await expect(page.getByTestId('save-button')).toBeVisible();
}

/** Opens a record in the list, by a link and not by loading the page again. */
export async function openVisit(page: Page, id: string): Promise<void> {
  await goTo(page, '/visits');
  await page.locator(`[data-testid="visit-row"] a[href="/visits/${id}"]`).click();
  await expect(page.getByTestId('visit-state')).toBeVisible();
}

/** Edits the record that is open. */
export async function editVisit(page: Page, input: VisitInput): Promise<void> {
  await page.getByTestId('edit-button').click();
  await expect(page.getByTestId('save-button')).toBeVisible();
  await fillVisit(page, input);
  await save(page);
  await expect(page.getByTestId('visit-state')).toBeVisible();
}

/** Counts at the door: so many taps of one kind, then so many taken back. Ends on the record. */
export async function tally(page: Page, count: string, taps: number, undone = 0): Promise<void> {
  await page.getByTestId('tally-button').click();
  await page.getByTestId('tally-which').click();
  // The chips close as soon as one is chosen.
  await press(page, `tally-key-chip-${count}`);
  await expect(page.getByTestId(`tally-key-chip-${count}`)).toHaveCount(0);
  const total = page.getByTestId('tally-total');
  const before = Number(await total.textContent());
  for (let tap = 0; tap < taps; tap += 1) await page.getByTestId('tally-plus').click();
  for (let tap = 0; tap < undone; tap += 1) await page.getByTestId('tally-undo').click();
  await expect(total).toHaveText(String(before + taps - undone));
  await page.getByTestId('tally-done').click();
  await expect(page.getByTestId(`fact-${count}`)).toHaveText(String(before + taps - undone));
}

/** Waits until the phone says that everything is sent. */
export async function allSent(page: Page, timeout = 60_000): Promise<void> {
  await expect(page.getByTestId('sync-footer')).toHaveAttribute('class', 'sync-footer', { timeout });
}

/** Waits until the phone says that something waits. */
export async function somethingWaits(page: Page): Promise<void> {
  await expect(page.getByTestId('sync-footer')).toHaveAttribute('class', 'sync-footer wait');
}

/** Asks for sync by hand, on the screen about sync. */
export async function syncNow(page: Page): Promise<void> {
  await page.getByTestId('sync-footer').click();
  await page.getByTestId('sync-now').click();
}

/** Waits until the phone holds everything that the person may see. */
export async function readyOffline(page: Page): Promise<void> {
  await page.getByTestId('sync-footer').click();
  await expect(page.getByTestId('ready-offline')).toBeVisible({ timeout: 60_000 });
}

/** The only element of a test name that holds a text. */
export function among(page: Page, testId: string, text: string | RegExp): Locator {
  return page.getByTestId(testId).filter({ hasText: text });
}

/** The supervisor's list of places that wait for approval. */
export async function openPlaces(page: Page): Promise<void> {
  await goTo(page, '/me');
  await page.getByTestId('way-places').click();
  await expect(page).toHaveURL((url) => url.pathname === '/places');
}

/** Takes places into the register, once they have arrived. */
export async function approvePlaces(page: Page, names: string[]): Promise<void> {
  await openPlaces(page);
  const waiting = page.getByTestId('proposed-place');
  await expect(waiting).toHaveCount(names.length, { timeout: 60_000 });
  for (const name of names) {
    await waiting.filter({ hasText: name }).getByTestId('approve-place').click();
    await expect(waiting.filter({ hasText: name })).toHaveCount(0);
  }
}

/** Signs in as somebody of the demo by the button that offers it. */
export async function demoSignIn(
  page: Page,
  name: 'lan' | 'minh' | 'hoa' | 'phuong' | 'thanh' | 'nga' | 'quantri',
  secret = PIN,
): Promise<void> {
  const { demo_sign_ins: offered } = (await (await page.request.get('/api/v1/instance')).json()) as {
    demo_sign_ins: { name: string; who: string }[];
  };
  const who = offered.find((one) => one.name === name)?.who;
  if (!who) throw new Error(`the demo offers no sign-in for ${name}`);
  await page.getByTestId('demo-sign-in').filter({ hasText: who }).click();
  await settleIn(page, secret);
}
