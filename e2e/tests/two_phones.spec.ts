/**
 * The main job, end to end: two volunteers of one ward work offline on the same visit and on visits of their own, one
 * phone dies, the server comes back, and everybody sees the same, with nothing lost and nothing counted twice.
 *
 * The figures expected on the ward page come from a plain calculation over what was typed and tapped, in this file.
 */
import type { Page } from '@playwright/test';
import { Area, VINH_YEN, WOMEN, YOUTH, tokenOf } from '../lib/area.ts';
import type { Phone } from '../lib/phone.ts';
import { type Figures, expectCoverage, expectFigures, expectSums } from '../lib/report.ts';
import {
  type VisitInput,
  addPlace,
  allSent,
  approvePlaces,
  editVisit,
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
  syncNow,
  tally,
} from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const SCHOOLS = ['THCS Vĩnh Yên', 'THPT Trần Phú', 'Tiểu học Đống Đa', 'Mầm non Hoa Sen'];
const GROUP = 'Tổ dân phố Đồi Cao';

/** The visit that both phones hold. */
const COMMON: VisitInput = { form: 'talk', venue: SCHOOLS[0], attendance: 80, notes: 'Nói chuyện đầu tuần.' };

/** What each logs without a connection. */
const OF_LAN: VisitInput[] = [
  { form: 'leaflets', venue: GROUP, attendance: 45, counts: { residents: 45, leaflets: 200 } },
  // A loudspeaker is heard by nobody knows how many, and never covers a school.
  { form: 'loudspeaker', venue: SCHOOLS[2], attendance: null },
  { form: 'talk', venue: SCHOOLS[1], attendance: 120, counts: { pupils: 110, officials: 10, sessions: 2 } },
];
const OF_MINH: VisitInput[] = [
  { form: 'door_to_door', venue: GROUP, attendance: 20, counts: { households: 12 } },
  { form: 'mock_trial', venue: SCHOOLS[1], attendance: 150, counts: { pupils: 140, women: 80, booklets: 30 } },
  { form: 'themed_meeting', venue: GROUP, attendance: 33, topics: ['law'] },
];
const TAPS = { lan: 14, minh: 17, minhUndone: 1 };
const CORRECTED = 60;

/** The sums by hand: what each record stands for in the end, added up. */
function expected(): Figures {
  const together: VisitInput = {
    ...COMMON,
    attendance: CORRECTED,
    counts: { residents: TAPS.lan + TAPS.minh - TAPS.minhUndone },
  };
  const records = [together, ...OF_LAN, ...OF_MINH];
  const figures: Figures = { visits: 0, sessions: 0, attendance: 0, attendanceUnknown: 0, counts: {} };
  for (const record of records) {
    figures.visits += 1;
    figures.sessions += record.counts?.sessions ?? 1;
    if (typeof record.attendance === 'number') figures.attendance += record.attendance;
    else figures.attendanceUnknown += 1;
    for (const [key, value] of Object.entries(record.counts ?? {})) {
      if (key !== 'sessions') figures.counts[key] = (figures.counts[key] ?? 0) + value;
    }
  }
  return figures;
}

/** Schools that somebody went to, of those registered: the loudspeaker's school is not among them. */
function schoolsCovered(): number {
  const reached = new Set(
    [COMMON, ...OF_LAN, ...OF_MINH]
      .filter((record) => !['loudspeaker', 'online_post', 'article'].includes(record.form ?? ''))
      .map((record) => record.venue)
      .filter((venue) => venue !== undefined && SCHOOLS.includes(venue)),
  );
  return reached.size;
}

/** Lan adds the places of the ward, and logs the visit that both will work on. */
async function prepare(lan: Page): Promise<string> {
  await openForm(lan);
  for (const school of [...SCHOOLS].reverse()) await addPlace(lan, school, 'school');
  await addPlace(lan, GROUP, 'residential_group');
  await fillVisit(lan, COMMON);
  await save(lan);
  await allSent(lan);
  const address = await lan.getByTestId('open-saved').getAttribute('href');
  return address!.split('/').pop()!;
}

/** What the record must say on every screen in the end, whoever looks. */
async function expectMerged(page: Page): Promise<void> {
  await expect(page.getByTestId('fact-attendance')).toHaveText(String(CORRECTED));
  await expect(page.getByTestId('fact-residents')).toHaveText(String(TAPS.lan + TAPS.minh - TAPS.minhUndone));
  await expect(page.getByTestId('fact-topics')).toContainText('Tác hại của ma túy');
  await expect(page.getByTestId('fact-campaign')).toBeVisible();
  await expect(page.getByTestId('visit-notes')).toContainText('Các em hỏi nhiều về thuốc lá điện tử.');
}

/** Both values of the field that both wrote, each with who and when. */
async function expectDifference(page: Page): Promise<void> {
  const conflicts = page.getByTestId('conflict');
  // One field only: the typed number was corrected to the same value by both, which is no difference.
  await expect(conflicts).toHaveCount(1);
  await expect(conflicts).toHaveAttribute('data-field', 'form');
  const claims = conflicts.getByRole('listitem');
  await expect(claims).toHaveCount(2);
  await expect(claims.filter({ hasText: 'Sinh hoạt chuyên đề' })).toContainText(/Lan · \d{2}:\d{2}/);
  await expect(claims.filter({ hasText: 'Lồng ghép cuộc họp' })).toContainText(/Minh · \d{2}:\d{2}/);
}

/** Who changed what, with times. */
async function expectHistory(page: Page): Promise<void> {
  const entry = (who: string, what: string) =>
    page.getByTestId('history-entry').filter({ hasText: who }).filter({ hasText: what });
  for (const who of ['Lan', 'Minh']) {
    await expect(entry(who, 'Lượt người dự: 60')).toHaveText(/\d{2}:\d{2}/);
    await expect(entry(who, 'Người dân').first()).toBeVisible();
  }
  await expect(entry('Lan', 'Lượt người dự: 80')).toBeVisible();
  await expect(entry('Lan', 'Sinh hoạt chuyên đề').first()).toBeVisible();
  await expect(entry('Lan', 'Tác hại của ma túy')).toBeVisible();
  await expect(entry('Minh', 'Lồng ghép cuộc họp')).toBeVisible();
  await expect(entry('Minh', 'Ghi chú')).toBeVisible();
}

/** All records of the ward are in the list and none of them waits. */
async function expectRows(page: Page): Promise<void> {
  await goTo(page, '/visits');
  const rows = page.getByTestId('visit-row');
  await expect(rows).toHaveCount(1 + OF_LAN.length + OF_MINH.length, { timeout: 60_000 });
  await expect(rows.filter({ hasText: 'đã gửi' })).toHaveCount(1 + OF_LAN.length + OF_MINH.length);
}

async function holds(phone: Phone, id: string): Promise<void> {
  await readyOffline(phone.page);
  await openVisit(phone.page, id);
  await expect(phone.page.getByTestId('fact-attendance')).toHaveText('80');
}

test('two phones offline, one visit, six more, one dies: everybody sees the same in the end', async ({
  startServer,
  startPhone,
}) => {
  test.setTimeout(420_000);
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  await area.phuong(VINH_YEN);
  // Who counts beside the screens has an account of their own: a one-time code opens one place.
  await area.add({ fullName: 'Kiểm', name: 'kiem', role: 'ward_supervisor', ward: VINH_YEN });

  const lan = await startPhone('lan', { url: server.url });
  const minh = await startPhone('minh', { url: server.url });
  const office = await startPhone('office', { url: server.url, width: 1280, height: 800 });
  let common = '';

  await test.step('on line: places, one visit, the ward supervisor takes the places in', async () => {
    await lan.openInstalled();
    await signIn(lan.page, 'lan');
    common = await prepare(lan.page);
    await office.openInstalled();
    await signIn(office.page, 'phuong');
    await approvePlaces(office.page, [...SCHOOLS, GROUP]);
    await allSent(office.page);
    await minh.openInstalled();
    await signIn(minh.page, 'minh');
    for (const phone of [lan, minh]) await holds(phone, common);
  });

  await server.kill();

  await test.step('Lan works offline', async () => {
    const { page } = lan;
    await editVisit(page, { form: 'themed_meeting', attendance: CORRECTED, topics: ['harm'], campaign: 'ba-khong' });
    await tally(page, 'residents', TAPS.lan);
    for (const visit of OF_LAN) await logVisit(page, visit);
    await somethingWaits(page);
  });

  let lastOfMinh = '';
  await test.step('Minh works offline, and his phone dies right after "Đã lưu"', async () => {
    const { page } = minh;
    await editVisit(page, {
      form: 'meeting_part',
      attendance: CORRECTED,
      notes: 'Nói chuyện đầu tuần. Các em hỏi nhiều về thuốc lá điện tử.',
    });
    await tally(page, 'residents', TAPS.minh, TAPS.minhUndone);
    for (const visit of OF_MINH) lastOfMinh = await logVisit(page, visit);
    await expect(page.getByTestId('saved-line')).toContainText('Đã lưu trên máy');
    await minh.kill();
    await minh.on();
    await openAt(minh.page, '/');
  });

  await test.step('his records are there, before any server is', async () => {
    const { page } = minh;
    await somethingWaits(page);
    await goTo(page, '/visits');
    await expect(page.getByTestId('visit-row')).toHaveCount(1 + OF_MINH.length);
    await openVisit(page, lastOfMinh);
    await expect(page.getByTestId('fact-attendance')).toHaveText('33');
    await expect(page.getByTestId('fact-topics')).toContainText('Pháp luật');
    await openVisit(page, common);
    await expect(page.getByTestId('fact-residents')).toHaveText(String(TAPS.minh - TAPS.minhUndone));
    await expect(page.getByTestId('history-entry').filter({ hasText: 'Lồng ghép cuộc họp' })).toContainText('Minh');
  });

  await server.up();

  await test.step('both send and receive everything', async () => {
    for (const phone of [lan, minh]) {
      await syncNow(phone.page);
      await allSent(phone.page);
    }
    await syncNow(lan.page);
    for (const phone of [lan, minh]) await expectRows(phone.page);
  });

  await test.step('both see sums, the correction, and the difference with who and when', async () => {
    for (const phone of [lan, minh]) {
      await openVisit(phone.page, common);
      await expectMerged(phone.page);
      await expectDifference(phone.page);
      await expectHistory(phone.page);
    }
  });

  await test.step('the ward page has the exact totals', async () => {
    const { page } = office;
    await goTo(page, '/report');
    await expectFigures(page, VINH_YEN, expected());
    await expectFigures(page, 'all', expected());
    await expectCoverage(page, VINH_YEN, 'schools', schoolsCovered(), SCHOOLS.length);
    await expectCoverage(page, VINH_YEN, 'residential_groups', 1, 1);
    // Nobody registered an agency: that is not 0 % and not 100 %.
    await expectCoverage(page, VINH_YEN, 'agencies', 0, 0);
    await expect(page.getByTestId(`organisation-${WOMEN}`).getByRole('cell').first()).toHaveText(String(1 + OF_LAN.length));
    await expect(page.getByTestId(`organisation-${YOUTH}`).getByRole('cell').first()).toHaveText(String(OF_MINH.length));
    // Groups and the other materials have no column on this page.
    await expectSums(server, await tokenOf(server, 'kiem'), VINH_YEN, expected());
  });

  await test.step('Lan settles the difference in two taps, Minh sees it settled', async () => {
    const mine = lan.page.getByTestId('conflict').getByRole('listitem').filter({ hasText: 'Sinh hoạt chuyên đề' });
    await mine.getByTestId('settle').click();
    await mine.getByTestId('settle').click();
    await expect(lan.page.getByTestId('conflict')).toHaveCount(0);
    await allSent(lan.page);
    await expect(minh.page.getByTestId('conflict')).toHaveCount(0, { timeout: 30_000 });
    for (const phone of [lan, minh]) {
      await expect(phone.page.getByRole('heading', { level: 1 })).toContainText('Sinh hoạt chuyên đề');
      await expectMerged(phone.page);
    }
  });

  await server.kill();

  await test.step('the history is readable without a connection', async () => {
    for (const phone of [lan, minh]) {
      await openAt(phone.page, `/visits/${common}`);
      await expectHistory(phone.page);
      await expectMerged(phone.page);
      expect(phone.errors.filter((error) => !error.includes('net::ERR_'))).toEqual([]);
    }
  });
});
