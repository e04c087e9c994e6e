/**
 * A phone that was used once works without a server: it starts, keeps what is typed, saves, and sends by itself later.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import {
  addPlace,
  allSent,
  fillVisit,
  goTo,
  logVisit,
  openForm,
  openVisit,
  readyOffline,
  save,
  openAt,
  signIn,
  somethingWaits,
} from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const SCHOOL = 'THCS Khai Quang';

test('the second start needs no server; drafts and records survive; they are sent without being asked', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  const phone = await startPhone('lan', { url: server.url });

  await test.step('the first start, on line', async () => {
    await phone.openInstalled();
    await signIn(phone.page, 'lan');
    await openForm(phone.page);
    await addPlace(phone.page, SCHOOL, 'school');
    await fillVisit(phone.page, { form: 'talk', attendance: 70 });
    await save(phone.page);
    await allSent(phone.page);
    await readyOffline(phone.page);
  });

  await server.kill();
  await phone.off();
  await phone.on();

  await test.step('the second start, with the server dead', async () => {
    await openAt(phone.page, '/');
    await expect(phone.page.getByTestId('visit-row')).toHaveCount(1);
    await expect(phone.page.getByTestId('sync-footer')).toContainText('lần cuối');
    await goTo(phone.page, '/visits');
    await expect(phone.page.getByTestId('visit-row')).toContainText(SCHOOL);
  });

  await test.step('a list that is on the server alone says so', async () => {
    await goTo(phone.page, '/me');
    await phone.page.getByTestId('way-devices').click();
    await expect(phone.page.getByTestId('not-read')).toContainText('Hãy mở lại khi có mạng');
  });

  await test.step('what is half typed survives a reload', async () => {
    const { page } = phone;
    await openForm(page);
    await fillVisit(page, { form: 'leaflets', venue: SCHOOL, attendance: 25, notes: 'Phát ở cổng trường.' });
    // The draft is kept once the keys rest; another tab sees it as soon as it is.
    const other = await phone.context.newPage();
    await expect(async () => {
      await openAt(other, '/');
      await expect(other.getByTestId('draft-row')).toContainText(SCHOOL, { timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
    await other.close();
    await openAt(page, page.url());
    await expect(page.getByTestId('notes-input')).toHaveValue('Phát ở cổng trường.');
    await expect(page.getByTestId('attendance-input')).toHaveValue('25');
    await expect(page.getByTestId('form-chip-leaflets')).toBeChecked();
    await expect(page.getByTestId('venue-picker')).toContainText(SCHOOL);
  });

  let kept = '';
  await test.step('what is saved survives the end of the browser, and the footer says what waits', async () => {
    await save(phone.page);
    await expect(phone.page.getByTestId('saved-line')).toContainText('Đã lưu trên máy');
    await expect(phone.page.getByTestId('sync-footer')).toContainText('1 chờ gửi');
    await expect(phone.page.getByTestId('draft-row')).toHaveCount(0);
    kept = await logVisit(phone.page, { form: 'counselling', venue: SCHOOL, attendance: null });
    await expect(phone.page.getByTestId('sync-footer')).toContainText('2 chờ gửi');
    await phone.kill();
    await phone.on();
    await openAt(phone.page, '/');
    await somethingWaits(phone.page);
    await expect(phone.page.getByTestId('sync-footer')).toContainText('2 chờ gửi');
    await openVisit(phone.page, kept);
    await expect(phone.page.getByTestId('fact-attendance')).toHaveText('chưa rõ');
    await expect(phone.page.getByTestId('visit-state')).toContainText('chờ gửi');
  });

  await server.up();

  await test.step('nobody presses anything, and it is sent', async () => {
    await allSent(phone.page, 120_000);
    await expect(phone.page.getByTestId('visit-state')).toContainText('đã gửi');
    const second = await startPhone('second', { url: server.url });
    await second.openInstalled();
    await signIn(second.page, 'lan');
    await goTo(second.page, '/visits');
    await expect(second.page.getByTestId('visit-row')).toHaveCount(3);
  });
});
