/**
 * A phone that is lost, shared, taken away or whose PIN is forgotten: nobody reads what they should not, and nothing that
 * was written is lost.
 */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Area, PASSWORD, VINH_YEN, call } from '../lib/area.ts';
import { deviceBinary } from '../lib/places.ts';
import { SCHOOL, lanAtWork, lock } from '../lib/lan.ts';
import { dumpOf, filesOf, foundIn } from '../lib/dump.ts';
import { camera } from '../lib/pictures.ts';
import { allSent, comeIn, fillVisit, goTo, logVisit, openAt, openForm, openVisit, PIN, readyOffline, signIn, somethingWaits, unlock } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

/** Long enough that chance does not make them. */
const PLANTED = Array.from({ length: 48 }, (_, n) => `Chú Hùng số ${n} ngõ Đồi Dẻ, mẹ là bà Nguyễn Thị Lựu ${n}`);

test('whoever holds the phone reads nothing of what was written, and its credential only hands in', async ({
  startServer,
  startPhone,
}) => {
  test.setTimeout(240_000);
  const { server, phone, page } = await lanAtWork({ startServer, startPhone });
  await readyOffline(page);
  await phone.offline(true);
  const notes = (from: number, to: number) => PLANTED.slice(from, to).join('\n');
  for (let at = 0; at < PLANTED.length; at += 12) {
    await logVisit(page, { form: 'talk', venue: SCHOOL, attendance: 30 + at, notes: notes(at, at + 12) });
  }
  // One is only a draft, and stays one.
  await openForm(page);
  await fillVisit(page, { form: 'leaflets', venue: SCHOOL, notes: 'Nháp: cô Hạnh nhà cuối ngõ Đồi Dẻ' });
  await page.goBack();
  await expect(page.getByTestId('draft-row')).toBeVisible();
  const strings = [...PLANTED, SCHOOL, 'Nháp: cô Hạnh nhà cuối ngõ Đồi Dẻ', 'Phường Vĩnh Yên'];

  await test.step('open or locked: nothing is found in the stores', async () => {
    expect(foundIn(await dumpOf(page), strings)).toEqual([]);
    await lock(page);
    expect(foundIn(await dumpOf(page), strings)).toEqual([]);
  });

  await test.step('what is kept in clear would be found', async () => {
    await page.evaluate((text) => localStorage.setItem('control', text), PLANTED[7]!);
    expect(foundIn(await dumpOf(page), strings)).toEqual([PLANTED[7]]);
    await page.evaluate(() => localStorage.removeItem('control'));
  });

  await test.step('every credential in the dump is refused by everything that reads', async () => {
    const dump = (await dumpOf(page)).toString('latin1');
    const tokens = new Set(dump.match(/[0-9a-f]{64}/g));
    expect(tokens.size, 'the credential that hands in is there').toBeGreaterThan(0);
    for (const token of tokens) {
      await call(server, 'GET', '/api/v1/session', { token, status: 401 });
      await call(server, 'GET', '/api/v1/devices', { token, status: 401 });
      for (const path of ['/api/v1/pull', '/api/v1/push']) {
        const answer = await fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/vnd.donghanh.sync+cbor', authorization: `Bearer ${token}` },
          body: new Uint8Array([0xa0]),
        });
        expect(answer.status, path).toBe(401);
      }
    }
  });

  await test.step('on the disk neither', async () => {
    await phone.off();
    expect(foundIn(await filesOf(phone.profile), strings)).toEqual([]);
  });
});

test("cases on an officer's phone: nobody who holds the phone finds one", async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.add({ fullName: 'Hoa', name: 'hoa', role: 'aftercare_officer', ward: VINH_YEN });
  const called = PLANTED.map((_, n) => `Trần Văn Khôi ${n} (bí danh Sáo)`);
  const cases = PLANTED.map((notes, n) => `${called[n]}\t${notes}`).join('\n');
  const made = spawnSync(deviceBinary(), ['--server', server.url, '--name', 'hoa', '--cases', VINH_YEN], {
    input: cases,
    env: { ...process.env, DONGHANH_PASSWORD: PASSWORD },
  });
  expect(made.status, String(made.stderr)).toBe(0);

  const phone = await startPhone('hoa', { url: server.url });
  const { page } = phone;
  await comeIn(phone, 'hoa', 'mùa xuân đến sớm');
  const held = await page.evaluate(async () => {
    const name = (await indexedDB.databases()).map(({ name }) => name!).find((name) => name.includes('sealed'))!;
    const database: IDBDatabase = await new Promise((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    const count = database.transaction('records').objectStore('records').count();
    await new Promise((resolve) => (count.onsuccess = resolve));
    database.close();
    return count.result;
  });
  expect(held, 'the cases are on the phone').toBe(PLANTED.length);
  const strings = [...PLANTED, ...called, 'Phường Vĩnh Yên', '08707@2025-07-01'];
  expect(foundIn(await dumpOf(page), strings)).toEqual([]);
  await phone.off();
  expect(foundIn(await filesOf(phone.profile), strings)).toEqual([]);
});

test('a locked app sends what waits, and stays locked', async ({ startServer, startPhone }) => {
  const { server, area, phone: lan, page } = await lanAtWork({ startServer, startPhone });
  await area.minh(VINH_YEN);
  await lan.offline(true);
  await logVisit(page, { form: 'talk', venue: SCHOOL, attendance: 77 });
  await lock(page);
  await expect(page.getByTestId('lock-waiting')).toBeVisible();
  await lan.offline(false);
  await expect(page.getByTestId('lock-waiting')).toContainText('đều đã tới máy chủ', { timeout: 60_000 });
  await expect(page.getByTestId('lock-secret')).toBeVisible();

  const minh = await startPhone('minh', { url: server.url });
  await comeIn(minh, 'minh');
  await goTo(minh.page, '/visits');
  await expect(minh.page.getByTestId('visit-row')).toHaveCount(2);

  // Opened again, the phone finds that nothing is left to do.
  await unlock(page);
  await allSent(page);
  await goTo(page, '/visits');
  await expect(page.getByTestId('visit-row')).toHaveCount(2);
});

test('taken away while off line with five unsent records: they reach the supervisor, the phone is empty', async ({
  startServer,
  startPhone,
}) => {
  test.setTimeout(240_000);
  const { server, area, phone: lan } = await lanAtWork({ startServer, startPhone });
  await area.phuong(VINH_YEN);
  await lan.offline(true);
  const photo = await camera(lan.page);
  let visit = '';
  for (let n = 1; n <= 5; n += 1) {
    visit = await logVisit(lan.page, { form: 'talk', venue: SCHOOL, attendance: 50 + n, ...(n === 5 && { photo }) });
  }
  await somethingWaits(lan.page);

  const office = await startPhone('phuong', { url: server.url, width: 1280, height: 800 });
  await office.openInstalled();
  await signIn(office.page, 'phuong');
  await test.step('the supervisor takes the phone off', async () => {
    await goTo(office.page, '/me');
    await office.page.getByTestId('way-devices').click();
    await office.page.getByTestId('device-row').filter({ hasText: 'Lan' }).getByTestId('revoke').click();
    await office.page.getByTestId('revoke-sure').click();
    await expect(office.page.getByTestId('device-row').filter({ hasText: 'Lan' })).toContainText('thu quyền');
  });

  await test.step('at its next contact it hands over and is empty', async () => {
    await lan.offline(false);
    await expect(lan.page.getByTestId('revoked')).toContainText('đã được nộp', { timeout: 60_000 });
    const left = await lan.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    expect(left.filter((name) => name !== 'donghanh-device')).toEqual([]);
    expect(foundIn(await dumpOf(lan.page), ['Lan', SCHOOL])).toEqual([]);
    await lan.page.getByTestId('revoked-begin').click();
    await expect(lan.page.getByTestId('sign-in-name')).toBeVisible();
  });

  await test.step('the supervisor takes the five in, the picture with its record', async () => {
    await goTo(office.page, '/me');
    await office.page.getByTestId('way-handed-over').click();
    await expect(office.page.getByTestId('handed-over-row')).toContainText('Lan');
    await office.page.getByTestId('handed-over-take').click();
    await expect(office.page.getByTestId('handed-over-none')).toBeVisible();
    await goTo(office.page, '/visits');
    await expect(office.page.getByTestId('visit-row')).toHaveCount(6, { timeout: 60_000 });
    await openVisit(office.page, visit);
    await expect(office.page.getByTestId('photo')).toBeVisible();
  });
});

test('a forgotten PIN: ten wrong tries lock, a rescue file carries over what waited, signing in opens again', async ({
  startServer,
  startPhone,
}) => {
  test.setTimeout(240_000);
  const { server, area, phone: lan, page } = await lanAtWork({ startServer, startPhone });
  await area.phuong(VINH_YEN);
  await lan.offline(true);
  const photo = await camera(page);
  let visit = '';
  for (let n = 1; n <= 5; n += 1) {
    visit = await logVisit(page, { form: 'talk', venue: SCHOOL, attendance: 60 + n, ...(n === 5 && { photo }) });
  }
  await lock(page);

  await test.step('ten wrong tries', async () => {
    for (let n = 1; n <= 10; n += 1) {
      await page.getByTestId('lock-secret').fill(`99${n}173`);
      await page.getByTestId('unlock').click();
      // A worker that does not come is followed by another, after half a minute.
      if (n < 10) await expect(page.getByRole('alert').filter({ hasText: 'chưa đúng' })).toBeVisible({ timeout: 45_000 });
      if (n < 10) await expect(page.getByTestId('lock-secret')).toHaveValue('');
    }
    await expect(page.getByTestId('locked-out')).toBeVisible({ timeout: 45_000 });
    await expect(page.getByTestId('lock-secret')).toHaveCount(0);
  });

  const file = await test.step('the rescue file', async () => {
    await page.getByTestId('lock-forgotten').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('lock-rescue').click()]);
    expect(download.suggestedFilename()).toMatch(/^donghanh-cuu-ho-.*\.dhr$/);
    const bytes = await readFile(await download.path());
    expect(foundIn(bytes, [SCHOOL, 'Lan'])).toEqual([]);
    return bytes;
  });

  await test.step('imported on another phone, everything is on the server', async () => {
    const office = await startPhone('phuong', { url: server.url });
    await office.openInstalled();
    await signIn(office.page, 'phuong');
    await goTo(office.page, '/me');
    const input = office.page.getByTestId('rescue-input');
    await input.setInputFiles({ name: 'x.dhr', mimeType: 'application/octet-stream', buffer: Buffer.from('PK rubbish') });
    await expect(office.page.getByTestId('rescue-outcome')).toContainText('Không đọc được tệp cứu hộ');
    await input.setInputFiles({ name: 'a.dhr', mimeType: 'application/octet-stream', buffer: file });
    await expect(office.page.getByTestId('rescue-outcome')).toContainText('Đã nhận');
    await expect(office.page.getByTestId('rescue-outcome')).toContainText('1 ảnh');
    await goTo(office.page, '/visits');
    await expect(office.page.getByTestId('visit-row')).toHaveCount(6, { timeout: 60_000 });
    await openVisit(office.page, visit);
    await expect(office.page.getByTestId('photo')).toBeVisible();
  });

  await test.step('with a connection she signs in, chooses another PIN, and has everything', async () => {
    await lan.offline(false);
    await page.getByTestId('lock-sign-in').click();
    await signIn(page, 'lan', undefined, '314159');
    await allSent(page);
    await goTo(page, '/visits');
    await expect(page.getByTestId('visit-row')).toHaveCount(6);
    await openAt(page, '/', '314159');
    await expect(page.getByTestId('visit-row').first()).toBeVisible();
  });
});

test('two people on one phone: each opens their own, neither reads the other', async ({ startServer, startPhone }) => {
  const { area, phone, page } = await lanAtWork({ startServer, startPhone });
  await area.minh(VINH_YEN);
  await phone.offline(true);
  await logVisit(page, { form: 'talk', venue: SCHOOL, attendance: 33, notes: PLANTED[0] });
  await lock(page);
  await phone.offline(false);

  await page.getByTestId('lock-other').click();
  await signIn(page, 'minh', undefined, '602214');
  await readyOffline(page);
  await phone.offline(true);
  expect(foundIn(await dumpOf(page), [PLANTED[0]!])).toEqual([]);
  await lock(page);

  await test.step('the other PIN opens nothing', async () => {
    await page.locator('label').filter({ hasText: 'Lan' }).click();
    await expect(page.getByTestId('lock-name')).toHaveText('Lan');
    await page.getByTestId('lock-secret').fill('602214');
    await page.getByTestId('unlock').click();
    await expect(page.getByRole('alert').filter({ hasText: 'chưa đúng' })).toBeVisible();
  });

  await test.step('a store put in the place of another stays closed', async () => {
    // Minh has the databases in hand: his own key under Lan's name opens nothing of hers.
    await page.evaluate(async () => {
      const settled = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const names = (await indexedDB.databases()).map(({ name }) => name!).filter((name) => name.includes('sealed'));
      const stores = await Promise.all(names.map((name) => settled(indexedDB.open(name))));
      if (stores.length !== 2) throw new Error(`two people, ${stores.length} stores`);
      const contents = await Promise.all(
        stores.map(async (store) => {
          const read = store.transaction('meta').objectStore('meta');
          const [keys, values] = await Promise.all([settled(read.getAllKeys()), settled(read.getAll())]);
          return keys.map((key, at) => ({ key, value: values[at] }));
        }),
      );
      // Exchanged, not copied: which of the two is whose cannot be told from their names.
      for (const [at, store] of stores.entries()) {
        const write = store.transaction('meta', 'readwrite').objectStore('meta');
        await settled(write.clear());
        for (const { key, value } of contents[1 - at]!) await settled(write.put(value, key));
        store.close();
      }
    });
    await page.locator('label').filter({ hasText: 'Minh' }).click();
    await page.getByTestId('lock-secret').fill('602214');
    await page.getByTestId('unlock').click();
    await expect(page.getByTestId('sync-footer')).toHaveCount(0);
    await expect(page.getByRole('alert').filter({ hasText: /./ })).toBeVisible();
  });
});
