/**
 * An area as its administrator arranges it: set up and filled with people over the server's own interface.
 *
 * Only what is JSON over HTTP stands here; what people do on their screens stands in `steps.ts`.
 */
import { expect } from '@playwright/test';
import type { Server } from './server.ts';
import { code as oneTimeCode } from './totp.ts';

/** The password of everybody in the tests. */
export const PASSWORD = 'mot-hai-ba-bon-nam';

/** The two wards since 2025-07-01, as data names them. */
export const VINH_YEN = '08707@2025-07-01';
export const VINH_PHUC = '08716@2025-07-01';

/** The unions of a ward. */
export const WOMEN = 'hoi-lhpn-phuong-xa';
export const YOUTH = 'doan-phuong-xa';

/** The code of a ward without its date, as the address of a report cell has it. */
export const code = (ward: string): string => ward.slice(0, 5);

/** Somebody to be added. */
export interface NewPerson {
  /** What others read: `Lan`. */
  fullName: string;
  /** What they sign in with. */
  name: string;
  role: 'volunteer' | 'helper' | 'union_head' | 'aftercare_officer' | 'ward_supervisor' | 'organisation_lead' | 'area_supervisor' | 'administrator';
  ward?: string;
  organisation?: string;
}

/** One request of the JSON interface; anything but the status expected fails the test with what the server said. */
export async function call<T = unknown>(
  server: Server,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options: { body?: unknown; token?: string; status?: number } = {},
): Promise<T> {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
    },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  });
  const text = await answer.text();
  const expected = options.status ?? 200;
  expect(answer.status, `${method} ${path} answered ${answer.status}: ${text}`).toBe(expected);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Signs in without a phone; somebody in charge gets two-step codes on the way, as the server wants it. */
export async function tokenOf(server: Server, name: string, password = PASSWORD): Promise<string> {
  const body = { name, password, device_name: 'test' };
  const { token, code } = await call<{ token: string; code: string }>(server, 'POST', '/api/v1/session', { body });
  if (code === 'needed') {
    const { secret } = await call<{ secret: string }>(server, 'POST', '/api/v1/me/totp', { token });
    await call(server, 'PUT', '/api/v1/me/totp', { token, body: { code: oneTimeCode(secret) }, status: 204 });
  }
  return token;
}

/** An area that is set up. */
export class Area {
  private constructor(
    readonly server: Server,
    private readonly token: string,
  ) {}

  /** Sets up an empty server for these wards; the administrator is `quantri`. */
  static async setUp(server: Server, wards: string[] = [VINH_YEN, VINH_PHUC]): Promise<Area> {
    const administrator = { full_name: 'Quản Trị', name: 'quantri', password: PASSWORD };
    const body = { token: server.setUpToken, wards: wards.map(code), area_name: 'Vĩnh Yên', administrator };
    await call(server, 'POST', '/api/v1/set-up', { body, status: 201 });
    return new Area(server, await tokenOf(server, 'quantri'));
  }

  /** Adds somebody. */
  async add(person: NewPerson): Promise<void> {
    const { fullName, name, role, ward = null, organisation = null } = person;
    const body = { full_name: fullName, name, password: PASSWORD, role, ward, organisation };
    await call(this.server, 'POST', '/api/v1/people', { body, token: this.token, status: 201 });
  }

  /** Makes somebody a volunteer of this ward and of no other any more. */
  async move(name: string, ward: string): Promise<void> {
    const people = await call<{ id: string; name: string }[]>(this.server, 'GET', '/api/v1/people', { token: this.token });
    const { id } = people.find((person) => person.name === name)!;
    const body = { role: 'volunteer', ward };
    await call(this.server, 'PUT', `/api/v1/people/${id}/role`, { body, token: this.token, status: 204 });
  }

  /** Grants, as the first administrator, whatever another asked for. */
  async grantAll(): Promise<void> {
    const asked = await call<{ id: string }[]>(this.server, 'GET', '/api/v1/approvals', { token: this.token });
    expect(asked.length).toBeGreaterThan(0);
    for (const { id } of asked) {
      await call(this.server, 'POST', `/api/v1/approvals/${id}`, { token: this.token, body: { grant: true } });
    }
  }

  /** Adds Lan, a volunteer of the ward's Women's Union, who signs in as `lan`. */
  async lan(ward: string): Promise<void> {
    await this.add({ fullName: 'Lan', name: 'lan', role: 'volunteer', ward, organisation: WOMEN });
  }

  /** Adds Minh, a volunteer of the ward's Youth Union, who signs in as `minh`. */
  async minh(ward: string): Promise<void> {
    await this.add({ fullName: 'Minh', name: 'minh', role: 'volunteer', ward, organisation: YOUTH });
  }

  /** Adds Phương, the ward's supervisor, who signs in as `phuong`. */
  async phuong(ward: string): Promise<void> {
    await this.add({ fullName: 'Phương', name: 'phuong', role: 'ward_supervisor', ward });
  }
}

/** Today in Vietnam, `2026-11-24`. */
export function today(): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' }).format(new Date());
}
