/**
 * The server is put back to an older copy of its database: what people had sent since comes back from their phones by itself. The ledger,
 * which lies elsewhere in life, is not put back with it.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Area, VINH_YEN } from '../lib/area.ts';
import { PHRASE, beginCase, openCase } from '../lib/cases.ts';
import { addPlace, allSent, comeIn, editVisit, fillVisit, goTo, logVisit, openForm, openVisit, save, syncNow } from '../lib/steps.ts';
import { type Cast, expect, test } from '../lib/test.ts';

const VENUE = 'Trường THCS Tô Hiệu';
/** Proposed after the backup. */
const NEW_VENUE = 'Nhà văn hóa Đồi Cao';
const DATABASE = 'donghanh.sqlite';

type Server = Awaited<ReturnType<Cast['startServer']>>;

/** A copy of the database, in a folder of its own. */
async function backUp(server: Server): Promise<string> {
  const backup = await mkdtemp(join(tmpdir(), 'donghanh-backup-'));
  await server.stop();
  await cp(join(server.data, DATABASE), join(backup, DATABASE));
  await server.up();
  return backup;
}

async function putBack(server: Server, backup: string): Promise<void> {
  await server.stop();
  for (const left of ['-wal', '-shm']) {
    await rm(join(server.data, `${DATABASE}${left}`), { force: true });
  }
  await cp(join(backup, DATABASE), join(server.data, DATABASE));
  await server.up();
}

/** Lan and Minh of one ward, with a visit of Lan's that both phones and the server have: the state of the backup. */
async function begin(startServer: Cast['startServer'], startPhone: Cast['startPhone']) {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  const [lan, minh] = [await startPhone('lan', { url: server.url }), await startPhone('minh', { url: server.url })];
  await comeIn(lan, 'lan');
  await comeIn(minh, 'minh');
  await openForm(lan.page);
  await addPlace(lan.page, VENUE, 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 40, notes: 'trước bản sao lưu' });
  await save(lan.page);
  const before = (await lan.page.getByTestId('open-saved').getAttribute('href'))?.split('/').pop() ?? '';
  await allSent(lan.page);
  await goTo(minh.page, '/visits');
  await expect(minh.page.getByTestId('visit-row')).toHaveCount(1, { timeout: 60_000 });
  return { server, area, lan, minh, before };
}

test('what was sent after the last backup comes back from the phones', async ({ startServer, startPhone }) => {
  test.slow();
  const { server, area, lan, minh, before } = await begin(startServer, startPhone);
  await area.add({ fullName: 'Phạm Thu', name: 'thu', role: 'aftercare_officer', ward: VINH_YEN });
  await area.add({ fullName: 'Lê Phương', name: 'phuong', role: 'ward_supervisor', ward: VINH_YEN });
  const thu = await startPhone('thu', { url: server.url });
  await comeIn(thu, 'thu', PHRASE);
  const backup = await backUp(server);

  await test.step('people go on', async () => {
    const since = await logVisit(lan.page, { venue: VENUE, form: 'talk', attendance: 25, notes: 'sau bản sao lưu' });
    await allSent(lan.page);
    await openVisit(minh.page, before);
    await editVisit(minh.page, { attendance: 45 });
    await openForm(minh.page);
    await addPlace(minh.page, NEW_VENUE, 'residential_group');
    await fillVisit(minh.page, { form: 'talk', attendance: 12, notes: 'của Minh' });
    await save(minh.page);
    await allSent(minh.page);
    await goTo(minh.page, '/visits');
    await expect(minh.page.locator(`a[href="/visits/${since}"]`)).toBeVisible({ timeout: 60_000 });
    await beginCase(thu.page, 'anh Hùng');
    await openCase(thu.page, 'anh Hùng');
    await thu.page.getByTestId('new-check-in').click();
    await thu.page.getByTestId('how-chip-home').evaluate((chip) => (chip as HTMLInputElement).click());
    await save(thu.page);
    await allSent(thu.page);
  });

  await test.step('the server is put back', async () => {
    await putBack(server, backup);
  });

  await test.step('each phone sends once more what its person wrote', async () => {
    for (const phone of [lan, minh, thu]) {
      await syncNow(phone.page);
      await expect(async () => {
        const told = await phone.page.evaluate(() => document.querySelector('[data-testid=sync-footer]')?.className);
        expect(told).toBe('sync-footer');
      }).toPass({ timeout: 60_000 });
    }
    // A round after the last of them, so that each has what the others offered.
    for (const phone of [lan, minh, thu]) {
      await syncNow(phone.page);
      await allSent(phone.page);
    }
  });

  await test.step('whoever comes new gets all of it', async () => {
    const phuong = await startPhone('phuong', { url: server.url });
    await comeIn(phuong, 'phuong');
    await goTo(phuong.page, '/visits');
    await expect(phuong.page.getByTestId('visit-row')).toHaveCount(3, { timeout: 60_000 });
    // With the place that was proposed since.
    await expect(phuong.page.getByTestId('visit-row').filter({ hasText: NEW_VENUE })).toHaveCount(1);
    await openVisit(phuong.page, before);
    // What a phone offers may still be on its way.
    await expect(phuong.page.getByTestId('fact-attendance')).toHaveText('45', { timeout: 60_000 });
    const again = await startPhone('thu2', { url: server.url });
    await comeIn(again, 'thu', PHRASE);
    await openCase(again.page, 'anh Hùng');
    await expect(again.page.getByTestId('check-in-row')).toHaveCount(1);
  });
  await rm(backup, { recursive: true });
});

test('what somebody sent whose phone is gone comes back from a colleague\'s', async ({ startServer, startPhone }) => {
  test.slow();
  const { server, area, lan, minh, before } = await begin(startServer, startPhone);
  await area.add({ fullName: 'Lê Phương', name: 'phuong', role: 'ward_supervisor', ward: VINH_YEN });
  const backup = await backUp(server);

  await openVisit(lan.page, before);
  await editVisit(lan.page, { attendance: 45 });
  const since = await logVisit(lan.page, { venue: VENUE, form: 'talk', attendance: 25, notes: 'sau bản sao lưu' });
  await allSent(lan.page);
  await goTo(minh.page, '/visits');
  await expect(minh.page.locator(`a[href="/visits/${since}"]`)).toBeVisible({ timeout: 60_000 });
  await openVisit(minh.page, before);
  await expect(minh.page.getByTestId('fact-attendance')).toHaveText('45');
  await lan.off();

  await putBack(server, backup);
  await syncNow(minh.page);
  await allSent(minh.page);

  const again = await startPhone('lan2', { url: server.url });
  await comeIn(again, 'lan');
  await goTo(again.page, '/visits');
  await expect(again.page.getByTestId('visit-row')).toHaveCount(2, { timeout: 60_000 });
  await openVisit(again.page, before);
  await expect(again.page.getByTestId('fact-attendance')).toHaveText('45');
  await openVisit(again.page, since);
  await expect(again.page.getByTestId('fact-attendance')).toHaveText('25');
  // Hers, whoever brought it.
  await expect(again.page.getByTestId('history')).toContainText('Lan');
  await expect(again.page.getByTestId('history')).not.toContainText('Minh');

  await test.step('whoever is in charge is told, until they have seen it', async () => {
    const phuong = await startPhone('phuong', { url: server.url });
    const { page } = phuong;
    await comeIn(phuong, 'phuong');
    await goTo(page, '/visits');
    await expect(page.getByTestId('visit-row')).toHaveCount(2, { timeout: 60_000 });
    await goTo(page, '/me');
    await page.getByTestId('way-handed-over').click();
    const rows = page.getByTestId('recovered-row');
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText('Minh');
    await rows.filter({ hasText: VENUE }).first().click();
    await expect(page.getByTestId('fact-attendance')).toBeVisible();
    await goTo(page, '/me');
    await page.getByTestId('way-handed-over').click();
    await page.getByTestId('recovered-seen').click();
    await expect(page.getByTestId('handed-over-none')).toBeVisible();
  });
  await rm(backup, { recursive: true });
});
