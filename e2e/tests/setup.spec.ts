/**
 * A new server: whoever opens it first is led through setting it up, then adds people, and they can start.
 */
import { PASSWORD } from '../lib/area.ts';
import { allSent, goTo, readyOffline, settleIn, signIn } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

test('an empty server is set up on screen, and the first volunteer signs in', async ({ startServer, startPhone }) => {
  const server = await startServer({ content: 'empty' });
  const office = await startPhone('office', { url: server.url, width: 1280, height: 800 });
  const { page } = office;
  await office.openInstalled();
  await expect(page.getByTestId('demo-banner')).toHaveCount(0);

  await test.step('only the link that the server printed begins the set-up', async () => {
    await expect(page.getByTestId('set-up-by-link')).toBeVisible();
    await page.goto(`/#/set-up/${server.setUpToken}`);
    await expect(page.getByTestId('set-up-next')).toBeVisible();
    expect(page.url()).not.toContain(server.setUpToken);
  });

  await test.step('nothing is left out by mistake', async () => {
    await page.getByTestId('set-up-next').click();
    await expect(page.locator('.field-problem')).toHaveCount(2);
  });

  await test.step('the wards, found without marks', async () => {
    await page.getByTestId('set-up-area').fill('Vĩnh Yên');
    for (const [typed, name, code] of [
      ['vinh yen', 'Phường Vĩnh Yên', '08707'],
      ['vinh phuc', 'Phường Vĩnh Phúc', '08716'],
    ] as const) {
      await page.getByTestId('set-up-search').fill(typed);
      await page.getByTestId('commune-option').filter({ hasText: name }).filter({ hasText: code }).click();
      await expect(page.getByTestId('set-up-wards')).toContainText(name);
    }
    await page.getByTestId('set-up-next').click();
  });

  await test.step('the administrator, with a password that is long enough', async () => {
    await page.getByTestId('set-up-full-name').fill('Đỗ Quốc Thành');
    await page.getByTestId('set-up-name').fill('quantri');
    await page.getByTestId('set-up-password').fill('ngan');
    await page.getByTestId('set-up-finish').click();
    await expect(page.getByText('Mật khẩu cần ít nhất 10 ký tự.')).toBeVisible();
    await page.getByTestId('set-up-password').fill(PASSWORD);
    await page.getByTestId('set-up-finish').click();
    await signIn(page, 'quantri');
    await readyOffline(page);
  });

  let link = '';
  await test.step('a volunteer is invited', async () => {
    await goTo(page, '/me');
    await page.getByTestId('way-people').click();
    await page.getByTestId('person-full-name').fill('Nguyễn Thị Lan');
    await page.getByTestId('person-role').selectOption('volunteer');
    await page.getByTestId('person-ward').selectOption({ label: 'Phường Vĩnh Yên' });
    await page.getByTestId('person-invite').click();
    await expect(page.getByTestId('person-row').filter({ hasText: 'Nguyễn Thị Lan' })).toContainText('Phường Vĩnh Yên');
    link = (await page.getByTestId('invitation-link').textContent()) ?? '';
    expect(link).toContain('/#/join/');
    const [picture, text] = [page.locator('.qr'), page.getByTestId('invitation-link')];
    const [above, below] = [(await picture.boundingBox())!, (await text.boundingBox())!];
    expect(above.y + above.height, 'the picture covers nothing').toBeLessThanOrEqual(below.y);
  });

  const lan = await startPhone('lan', { url: server.url });
  await test.step('she takes the invitation on her phone and chooses a PIN; the link leaves the address bar', async () => {
    await lan.page.goto(link);
    await expect(lan.page.getByTestId('join-name')).toHaveText('Nguyễn Thị Lan');
    expect(lan.page.url()).not.toContain('join');
    await lan.page.getByTestId('join-password').fill(PASSWORD);
    await lan.page.getByTestId('join').click();
    await lan.page.getByTestId('new-secret').fill('123456');
    await lan.page.getByTestId('new-secret-again').fill('123456');
    await lan.page.getByTestId('keep-secret').click();
    await expect(lan.page.getByText('Mã PIN này dễ đoán.')).toBeVisible();
    await settleIn(lan.page);
    await expect(lan.page.getByRole('heading', { level: 1 })).toHaveText('Phường Vĩnh Yên');
    await expect(lan.page.getByTestId('new-visit')).toBeVisible();
    await allSent(lan.page);
  });

  await test.step('the invitation is good once', async () => {
    const other = await startPhone('other', { url: server.url });
    await other.page.goto(link);
    await expect(other.page.getByTestId('invitation-problem')).toContainText('Lời mời này không dùng được');
  });

  await test.step('a wrong password is not told apart from a wrong name', async () => {
    const stranger = await startPhone('stranger', { url: server.url });
    await stranger.openInstalled();
    const wrong = 'Tên hoặc mật khẩu chưa đúng. Kiểm tra lại rồi thử lần nữa.';
    for (const [name, password] of [
      ['lan', 'khong-phai-mat-khau'],
      ['khong-ai', PASSWORD],
    ] as const) {
      await stranger.page.getByTestId('sign-in-name').fill(name);
      await stranger.page.getByTestId('sign-in-password').fill(password);
      const answered = stranger.page.waitForResponse((answer) => answer.url().endsWith('/api/v1/session'));
      await stranger.page.getByTestId('sign-in-button').click();
      expect((await answered).status()).toBe(401);
      await expect(stranger.page.getByText(wrong)).toBeVisible();
    }
  });

  await test.step('a server that is set up cannot be set up again', async () => {
    const again = await fetch(`${server.url}/api/v1/set-up`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        wards: ['08707'],
        area_name: 'x',
        administrator: { full_name: 'x', name: 'x', password: PASSWORD },
      }),
    });
    expect(again.status).toBe(409);
    expect(((await again.json()) as { code: string }).code).toBe('already_set_up');
  });
});
