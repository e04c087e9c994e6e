/**
 * A phone whose clock runs days ahead logs a visit for a day that is not yet: the server does not take it. Putting the date
 * right brings everything else along; what nobody wants any more can be given up.
 */
import { Area, VINH_PHUC, VINH_YEN, today } from '../lib/area.ts';
import { addPlace, allSent, comeIn, fillVisit, goTo, openForm, openVisit, save } from '../lib/steps.ts';
import { expect, test } from '../lib/test.ts';

const DAY = 24 * 3_600_000;

test('a refused date costs nothing but the date, and a refused record can be given up', async ({
  startServer,
  startPhone,
}) => {
  const server = await startServer({ content: 'empty' });
  const area = await Area.setUp(server);
  await area.lan(VINH_YEN);
  await area.minh(VINH_YEN);
  const lan = await startPhone('lan', { url: server.url });
  const { page } = lan;
  await comeIn(lan, 'lan');
  const visits: string[] = [];

  await test.step('visits of a day that is not yet are refused', async () => {
    await page.clock.setSystemTime(Date.now() + 4 * DAY);
    for (const notes of ['Các em hỏi nhiều', 'Ghi nhầm', 'Của phường cũ']) {
      await openForm(page);
      if (visits.length === 0) await addPlace(page, 'THCS Vĩnh Yên', 'school');
      else {
        await page.getByTestId('venue-picker').click();
        await page.getByTestId('place-option').filter({ hasText: 'THCS Vĩnh Yên' }).click();
      }
      await fillVisit(page, { form: 'talk', attendance: 80, topics: ['harm', 'law'], notes });
      await save(page);
      visits.push((await page.getByTestId('open-saved').getAttribute('href'))!.split('/').pop()!);
    }
    await page.clock.setSystemTime(Date.now());
    for (const visit of visits) {
      await openVisit(page, visit);
      await expect(page.getByTestId('visit-refused')).toContainText('Ngày ở tương lai', { timeout: 60_000 });
    }
  });

  await test.step('the date is put right; all the rest goes with it', async () => {
    await openVisit(page, visits[0]!);
    await page.getByTestId('edit-button').click();
    await page.locator('#field-date').fill(today());
    await save(page);
    await openVisit(page, visits[0]!);
    await expect(page.getByTestId('visit-refused')).toHaveCount(0);
    await expect(page.getByTestId('fact-attendance')).toHaveText('80');
  });

  await test.step('the other one is given up, with two presses', async () => {
    await openVisit(page, visits[1]!);
    await page.getByTestId('give-up').click();
    await expect(page.getByTestId('visit-refused')).toContainText('Ngày ở tương lai');
    await page.getByTestId('give-up').click();
    await expect(page.getByTestId('give-up')).toHaveCount(0);
  });

  await test.step('one of a ward that she left meanwhile can be given up, though not edited', async () => {
    await area.move('lan', VINH_PHUC);
    await goTo(page, '/');
    await expect(page.getByRole('main')).toContainText('Vĩnh Phúc', { timeout: 60_000 });
    await openVisit(page, visits[2]!);
    await expect(page.getByTestId('edit-button')).toHaveCount(0);
    await page.getByTestId('give-up').click();
    await page.getByTestId('give-up').click();
    await expect(page.getByTestId('give-up')).toHaveCount(0);
    await goTo(page, '/visits');
    await expect(page.getByTestId('visit-row')).toHaveCount(0);
    await allSent(page);
  });

  await test.step('a colleague sees all of the first', async () => {
    const minh = await startPhone('minh', { url: server.url });
    await comeIn(minh, 'minh');
    await openVisit(minh.page, visits[0]!);
    await expect(minh.page.getByTestId('fact-attendance')).toHaveText('80');
    await expect(minh.page.getByTestId('visit-notes')).toHaveText('Các em hỏi nhiều');
    await expect(minh.page.getByTestId('fact-topics')).toContainText('Pháp luật');
    await expect(minh.page.getByTestId('fact-venue')).toContainText('THCS Vĩnh Yên');
  });
});
