/**
 * Reading the report page: the figures of one ward, as a person reads them.
 */
import { type Locator, type Page, expect } from '@playwright/test';
import { call, code, today } from './area.ts';
import type { Server } from './server.ts';

/** What a ward's row must say. */
export interface Figures {
  visits: number;
  sessions: number;
  /** Of the records where it is known. */
  attendance: number;
  /** Records where nobody counted. */
  attendanceUnknown: number;
  /** Groups, of whom, materials, households: sums by code; every other one must be absent or 0. */
  counts: Record<string, number>;
}

/** The places that coverage is counted over, with the code of their indicator. */
const COVERAGE = { schools: 'A2', agencies: 'A3', residential_groups: 'A4', industrial_zones: 'A5' };
export type Coverage = keyof typeof COVERAGE;

/** A number as Vietnamese readers write it. */
export const number = (value: number): string => value.toLocaleString('vi-VN');

/** The cell of a figure of a ward, or of `all` of them. */
export function figureCell(page: Page, ward: string, figure: string): Locator {
  return page.getByTestId(`report-cell-${figure}-${ward === 'all' ? ward : code(ward)}`);
}

/** The first line of the cell is exactly this; a second line may say more. */
async function expectCell(cell: Locator, words: string): Promise<void> {
  await expect(cell.locator('span').first()).toHaveText(words);
}

/** The row of a ward says exactly these figures on screen. */
export async function expectFigures(page: Page, ward: string, figures: Figures): Promise<void> {
  await expectCell(figureCell(page, ward, 'visits'), number(figures.visits));
  await expectCell(figureCell(page, ward, 'sessions'), number(figures.sessions));
  const attendance = figureCell(page, ward, 'attendance');
  await expectCell(attendance, number(figures.attendance));
  if (figures.attendanceUnknown > 0) await expect(attendance).toContainText(`${figures.attendanceUnknown} chưa rõ`);
  else await expect(attendance).not.toContainText('chưa rõ');
  const leaflets = figures.counts.leaflets;
  await expectCell(figureCell(page, ward, 'leaflets'), leaflets === undefined ? '—' : number(leaflets));
}

/** Coverage reads `2 / 4` with its share, or "—" where nobody knows how many there are. */
export async function expectCoverage(page: Page, ward: string, of: Coverage, covered: number, all: number): Promise<void> {
  const cell = figureCell(page, ward, COVERAGE[of]);
  await expect(cell).toHaveText(all === 0 ? '—' : new RegExp(`^${covered} / ${all}\\s*${Math.floor((100 * covered) / all)} %$`));
}

/** What the server reports about a ward. */
interface WardFigures {
  ward: string;
  figures: { visits: number; sessions: number; counts: Record<string, number>; attendance_unknown: number };
}

/** Every sum of a ward, the ones that the table has no column for included, as the server reports them. */
export async function expectSums(server: Server, token: string, ward: string, figures: Figures): Promise<void> {
  const path = `/api/v1/reports/activity?from=${today().slice(0, 4)}-01-01&to=${today()}&grouping=as_then`;
  const report = await call<{ wards: WardFigures[] }>(server, 'GET', path, { token });
  const found = report.wards.find((row) => row.ward === ward)?.figures;
  expect({
    visits: found?.visits,
    sessions: found?.sessions,
    attendanceUnknown: found?.attendance_unknown,
    counts: found?.counts,
  }).toEqual({
    visits: figures.visits,
    sessions: figures.sessions,
    attendanceUnknown: figures.attendanceUnknown,
    counts: { ...figures.counts, attendance: figures.attendance },
  });
}
