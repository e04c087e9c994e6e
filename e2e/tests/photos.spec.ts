/**
 * A photo of a visit: taken without a connection, kept through a crash, sent behind its record, seen by colleagues and by
 * nobody else; what the camera wrote beside the picture goes nowhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Area, VINH_PHUC, VINH_YEN } from '../lib/area.ts';
import { BESIDE, camera } from '../lib/pictures.ts';
import type { Server } from '../lib/server.ts';
import { addPlace, allSent, comeIn, fillVisit, openAt, openForm, openVisit, save, signIn, somethingWaits, syncNow } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const SCHOOL = 'THCS Vĩnh Yên';
/** Everything the server has on its disk. */
function onDisk(server: Server): Buffer {
  return Buffer.concat(['', '-wal'].map((end) => readFileSync(join(server.data, `donghanh.sqlite${end}`))));
}

/** Notes every picture that the page opens from now on: its own policy lets nobody fetch them. */
async function noteOpened(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const opened: Blob[] = [];
    Object.assign(window, { opened });
    const usual = URL.createObjectURL;
    URL.createObjectURL = (blob: Blob) => {
      opened.push(blob);
      return usual(blob);
    };
  });
}

/** The bytes that the page opened last. */
async function lastOpened(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const { opened } = window as unknown as { opened: Blob[] };
    return [...new Uint8Array(await opened.at(-1)!.arrayBuffer())];
  });
  return Buffer.from(bytes);
}

/** Width and height of the picture on screen, in its own pixels. */
async function size(page: Page): Promise<number[]> {
  const image = page.getByTestId('photo').first();
  await expect(image).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(0);
  return image.evaluate((one: HTMLImageElement) => [one.naturalWidth, one.naturalHeight]);
}

test('a photo taken offline survives a crash, arrives sealed, and is seen by colleagues alone', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  await area.add({ fullName: 'Hoa', name: 'hoa', role: 'volunteer', ward: VINH_PHUC });
  const lan = await startPhone('lan', { url: server.url });
  const minh = await startPhone('minh', { url: server.url });
  for (const [phone, name] of [
    [lan, 'lan'],
    [minh, 'minh'],
  ] as const) {
    await comeIn(phone, name);
  }
  const jpeg = { name: 'IMG_2026.jpg', mimeType: 'image/jpeg', buffer: await camera(lan.page) };
  await server.kill();
  let visit = '';

  await test.step('the app ends while the camera is open: the draft is there and says so', async () => {
    await openForm(lan.page);
    await addPlace(lan.page, SCHOOL, 'school');
    await fillVisit(lan.page, { form: 'talk', attendance: 80 });
    const camera = lan.page.waitForEvent('filechooser');
    await lan.page.getByTestId('photo-add').click();
    await camera;
    // The draft is written at once; the app learns nothing of its own end.
    await lan.page.waitForTimeout(300);
    await lan.kill();
    await lan.on();
    await openAt(lan.page, '/visits/new');
    await expect(lan.page.getByTestId('photo-missed')).toBeVisible();
    await expect(lan.page.getByTestId('attendance-input')).toHaveValue('80');
  });

  await test.step('a photo is kept from the moment it was chosen', async () => {
    await lan.page.getByTestId('photo-input').setInputFiles(jpeg);
    await expect(lan.page.getByTestId('photo')).toBeVisible();
    await lan.kill();
    await lan.on();
    await noteOpened(lan.page);
    await openAt(lan.page, '/visits/new');
    await expect(lan.page.getByTestId('photo')).toBeVisible();
    await expect(lan.page.getByTestId('photo-missed')).toHaveCount(0);
    await save(lan.page);
    visit = (await lan.page.getByTestId('open-saved').getAttribute('href'))!.split('/').pop()!;
    await openVisit(lan.page, visit);
    expect(await size(lan.page)).toEqual([1600, 1200]);
    const opened = await lastOpened(lan.page);
    expect(opened.includes('WEBP')).toBe(true);
    expect(opened.includes(BESIDE)).toBe(false);
    await somethingWaits(lan.page);
  });

  await server.up();

  await test.step('it goes behind its record, and the server cannot look at it', async () => {
    await syncNow(lan.page);
    await allSent(lan.page);
    const disk = onDisk(server);
    expect(disk.includes('WEBP')).toBe(false);
    expect(disk.includes(BESIDE)).toBe(false);
  });

  await test.step('a colleague sees it, also large', async () => {
    await openVisit(minh.page, visit);
    expect(await size(minh.page)).toEqual([1600, 1200]);
    await minh.page.getByTestId('photo-open').click();
    await expect(minh.page.locator('dialog[open]').getByTestId('photo')).toBeVisible();
    await minh.page.locator('dialog[open]').getByTestId('dialog-close').click();
  });

  await test.step('taken out, it is gone from the server too', async () => {
    await minh.page.getByTestId('edit-button').click();
    await minh.page.getByTestId('photo-remove').click();
    await save(minh.page);
    await expect(minh.page.getByTestId('photo')).toHaveCount(0);
    await allSent(minh.page);
    await openVisit(lan.page, visit);
    await expect(lan.page.getByTestId('photo')).toHaveCount(0, { timeout: 60_000 });
  });

  expect(lan.errors.filter((error) => !error.includes('ERR_'))).toEqual([]);
});

test('what is no picture is named, and private visits take none', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  await (await Area.setUp(server)).lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await lan.openInstalled();
  await signIn(page, 'lan');
  await openForm(page);
  await addPlace(page, 'Tổ dân phố 3', 'residential_group');
  const words = { name: 'ảnh.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('không phải ảnh') };
  await page.getByTestId('photo-input').setInputFiles(words);
  await expect(page.locator('#field-photos')).toContainText('Không đọc được ảnh này');
  await page.getByTestId('photo-input').setInputFiles({ ...words, buffer: await camera(page) });
  await expect(page.getByTestId('photo')).toBeVisible();
  await fillVisit(page, { form: 'counselling', attendance: 2 });
  await expect(page.getByTestId('photo-input')).toHaveCount(0);
  await page.getByTestId('save-button').click();
  await expect(page.getByTestId('error-summary')).toContainText('không lưu ảnh');
  await page.getByTestId('photo-remove').click();
  await save(page);
});

test('a save pressed while photos are still being drawn takes them along', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  await (await Area.setUp(server)).lan(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await lan.openInstalled();
  await signIn(page, 'lan');
  await openForm(page);
  await addPlace(page, SCHOOL, 'school');
  await fillVisit(page, { form: 'talk', attendance: 80 });
  const buffer = await camera(page);
  await lan.slowDown(6);
  const two = ['1.jpg', '2.jpg'].map((name) => ({ name, mimeType: 'image/jpeg', buffer }));
  await page.getByTestId('photo-input').setInputFiles(two);
  // Pressed by the page itself, in the same turn: nothing can be drawn by then.
  await page.getByTestId('save-button').evaluate((button: HTMLButtonElement) => button.click());
  await expect(page.getByTestId('saved-line')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('open-saved').click();
  await expect(page.getByTestId('photo-open')).toHaveCount(2, { timeout: 60_000 });

  await test.step('what is changed back leaves no draft', async () => {
    const edit = async (attendance: string) => {
      await page.getByTestId('edit-button').click();
      await page.getByTestId('attendance-input').fill(attendance);
      await page.getByTestId('back').click();
      await expect(page.getByTestId('visit-state')).toBeVisible();
    };
    await edit('81');
    await page.getByTestId('edit-button').click();
    await expect(page.getByTestId('draft-drop')).toBeVisible();
    await page.getByTestId('back').click();
    await edit('80');
    await page.getByTestId('edit-button').click();
    await expect(page.getByTestId('save-button')).toBeVisible();
    await expect(page.getByTestId('draft-drop')).toHaveCount(0);
  });
});
