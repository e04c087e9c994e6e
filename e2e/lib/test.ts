/**
 * `test` as the end-to-end tests write it: servers and phones that end with the test, however it ends.
 *
 * ```ts
 * test('…', async ({ startServer, startPhone }) => {
 *   const server = await startServer({ content: 'demo' });
 *   const phone = await startPhone('lan', { url: server.url });
 * });
 * ```
 * When a test fails, what each server wrote and a picture of each phone are attached to its report.
 */
import { test as base } from '@playwright/test';
import { filledDemo } from './demo.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import { Server, type ServerOptions } from './server.ts';

/** What a test may ask for. */
export interface Cast {
  startServer: (options?: ServerOptions) => Promise<Server>;
  startPhone: (name: string, options: PhoneOptions) => Promise<Phone>;
}

export const test = base.extend<Cast>({
  startServer: async ({}, use, info) => {
    const servers: Server[] = [];
    await use(async (options = {}) => {
      const from = options.content === 'empty' ? undefined : await filledDemo();
      const server = await Server.start({ ...options, from });
      servers.push(server);
      return server;
    });
    for (const [at, server] of servers.entries()) {
      if (info.status !== info.expectedStatus) {
        await info.attach(`server-${at + 1}.log`, { body: server.log, contentType: 'text/plain' });
      }
      await server.dispose();
    }
  },

  startPhone: async ({}, use, info) => {
    const phones: Phone[] = [];
    await use(async (name, options) => {
      const phone = await Phone.start(name, options);
      phones.push(phone);
      return phone;
    });
    for (const phone of phones) {
      if (info.status !== info.expectedStatus && phone.isOn) {
        const picture = await phone.page.screenshot().catch(() => undefined);
        if (picture) await info.attach(`phone-${phone.name}.png`, { body: picture, contentType: 'image/png' });
        await info.attach(`phone-${phone.name}-errors.txt`, { body: phone.errors.join('\n') });
      }
      await phone.dispose();
    }
  },
});

export { expect } from '@playwright/test';
