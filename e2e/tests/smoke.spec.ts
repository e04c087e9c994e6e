/**
 * The least that has to hold before any other test makes sense: the server serves the app as it was built, the app
 * starts on a phone, and it starts again without a server.
 */
import { expect, test } from '../lib/test.ts';

test('the server serves the app compressed, typed and whole', async ({ startServer, request }) => {
  const server = await startServer();
  const page = await request.get(server.url);
  expect(page.status()).toBe(200);
  const html = await page.text();
  expect(html).toContain('lang="vi"');
  expect(html, 'a placeholder was left over').not.toMatch(/\{\{\s*\w+\s*\}\}/);

  const addresses = [...html.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map((match) => match[1]!);
  expect(addresses.some((address) => address.endsWith('.wasm') || address.endsWith('.js'))).toBe(true);
  for (const address of addresses) {
    const answer = await request.get(server.url + address, { headers: { 'accept-encoding': 'br' } });
    expect(answer.status(), address).toBe(200);
    if (address.endsWith('.wasm')) {
      expect(answer.headers()['content-type']).toBe('application/wasm');
      expect(answer.headers()['content-encoding']).toBe('br');
    }
  }
  expect((await request.get(`${server.url}/assets/no-such-file.js`)).status()).toBe(404);
});

test('the app starts, says that its data is for trying, and starts again offline', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'demo' });
  const phone = await startPhone('first', { url: server.url });
  await phone.openInstalled();
  await expect(phone.page.locator('#shell'), 'the interface takes the place of the shell').toHaveCount(0);
  await expect(phone.page.getByText('DỮ LIỆU THỬ').first()).toBeVisible();
  await expect(phone.page.getByRole('heading').first()).toBeVisible();
  expect(phone.errors).toEqual([]);

  await server.kill();
  await phone.kill();
  await phone.on();
  await phone.page.goto('/');
  await expect(phone.page.locator('#shell')).toHaveCount(0);
  await expect(phone.page.getByRole('heading').first()).toBeVisible();
});
