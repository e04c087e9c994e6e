/**
 * The supervisor's page is alive: what a phone syncs shows there within two seconds, without a reload.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { expectFigures, figureCell } from '../lib/report.ts';
import { addPlace, allSent, fillVisit, goTo, openForm, save, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('an open report changes within two seconds when a phone syncs', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const office = await startPhone('office', { url: server.url, width: 1280, height: 800 });
  await lan.openInstalled();
  await signIn(lan.page, 'lan');
  await office.openInstalled();
  await signIn(office.page, 'phuong');

  await openForm(lan.page);
  await addPlace(lan.page, 'THCS Liên Bảo', 'school');
  await fillVisit(lan.page, { form: 'talk', attendance: 40 });
  await save(lan.page);
  await allSent(lan.page);

  await goTo(office.page, '/report');
  const nothingElse = { attendanceUnknown: 0, counts: {} };
  await expectFigures(office.page, VINH_YEN, { visits: 1, sessions: 1, attendance: 40, ...nothingElse });
  // A reload would lose this.
  await office.page.evaluate(() => Object.assign(window, { sameDocument: true }));

  let sum = 40;
  for (const [times, attendance] of [35, 1_250].entries()) {
    await openForm(lan.page);
    await lan.page.getByTestId('like-last').click();
    await expect(lan.page.getByTestId('venue-picker')).toContainText('THCS Liên Bảo');
    await fillVisit(lan.page, { attendance });
    await save(lan.page);
    await allSent(lan.page);
    sum += attendance;
    const cell = figureCell(office.page, VINH_YEN, 'attendance');
    await expect(cell).toContainText(sum.toLocaleString('vi-VN'), { timeout: 2_000 });
    const visits = times + 2;
    await expectFigures(office.page, VINH_YEN, { visits, sessions: visits, attendance: sum, ...nothingElse });
  }
  expect(await office.page.evaluate(() => 'sameDocument' in window)).toBe(true);
});
