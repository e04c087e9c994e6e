/**
 * A place that the register lacks: added in the street without a connection, used at once, and later found to be one
 * that was registered all along. Coverage then counts the registered one.
 */
import { Area, VINH_YEN } from '../lib/area.ts';
import { expectCoverage } from '../lib/report.ts';
import {
  addPlace,
  allSent,
  approvePlaces,
  fillVisit,
  goTo,
  openForm,
  openPlaces,
  openVisit,
  readyOffline,
  save,
  signIn,
  syncNow,
} from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const REGISTERED = 'THCS Vĩnh Yên';
const MISSING = 'Trường cấp 2 Vĩnh Yên';

test('a place added offline can be merged with the registered one, and counts for it', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.phuong(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const office = await startPhone('office', { url: server.url, width: 1280, height: 800 });

  await test.step('a school is registered; the loudspeaker in front of it does not cover it', async () => {
    await lan.openInstalled();
    await signIn(lan.page, 'lan');
    await openForm(lan.page);
    await addPlace(lan.page, REGISTERED, 'school');
    await fillVisit(lan.page, { form: 'loudspeaker', attendance: null });
    await save(lan.page);
    await allSent(lan.page);
    await office.openInstalled();
    await signIn(office.page, 'phuong');
    await approvePlaces(office.page, [REGISTERED]);
    await allSent(office.page);
    await goTo(office.page, '/report');
    await expectCoverage(office.page, VINH_YEN, 'schools', 0, 1);
    await readyOffline(lan.page);
  });

  await server.kill();
  let visit = '';

  await test.step('Lan adds a place offline and uses it', async () => {
    const { page } = lan;
    await openForm(page);
    await addPlace(page, MISSING, 'school');
    await page.getByTestId('venue-picker').click();
    const option = page.getByTestId('place-option').filter({ hasText: MISSING });
    await expect(option).toContainText('địa điểm mới, chờ duyệt');
    await option.click();
    await fillVisit(page, { form: 'talk', attendance: 90 });
    await save(page);
    visit = (await page.getByTestId('open-saved').getAttribute('href'))!.split('/').pop()!;
    await openVisit(page, visit);
    await expect(page.getByTestId('fact-venue')).toContainText(MISSING);
  });

  await server.up();

  await test.step('it arrives, waits for approval, and does not count yet', async () => {
    await syncNow(lan.page);
    await allSent(lan.page);
    await openPlaces(office.page);
    await expect(office.page.getByTestId('proposed-place')).toContainText(MISSING, { timeout: 60_000 });
    await goTo(office.page, '/report');
    await expectCoverage(office.page, VINH_YEN, 'schools', 0, 1);
  });

  await test.step('the supervisor says which school it is', async () => {
    const { page } = office;
    await openPlaces(page);
    await page.getByTestId('proposed-place').getByTestId('merge-place').click();
    await page.getByTestId('merge-option').filter({ hasText: REGISTERED }).click();
    await expect(page.getByTestId('proposed-place')).toHaveCount(0);
    await allSent(page);
    await goTo(page, '/report');
    await expectCoverage(page, VINH_YEN, 'schools', 1, 1);
  });

  await test.step('Lan sees the registered name', async () => {
    await openVisit(lan.page, visit);
    await expect(lan.page.getByTestId('fact-venue')).toHaveText(REGISTERED, { timeout: 30_000 });
    await openForm(lan.page);
    await lan.page.getByTestId('venue-picker').click();
    const options = lan.page.getByTestId('place-option');
    await expect(options.filter({ hasText: REGISTERED })).toHaveCount(1);
    await expect(options.filter({ hasText: MISSING })).toHaveCount(0);
  });
});
