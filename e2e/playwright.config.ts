/**
 * End-to-end tests: the real server binary, and Chromium profiles as phones.
 *
 * Each test starts its own server and phones from `lib/`; nothing is shared between tests.
 */
import { defineConfig } from '@playwright/test';
import { chromium, quietBrowser } from './lib/places.ts';

export default defineConfig({
  testDir: 'tests',
  outputDir: '../target/e2e',
  globalSetup: './lib/demo.ts',
  // A test waits for its phones more than it computes: two at a time fill two cores.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./lib/failures.ts']],
  use: {
    browserName: 'chromium',
    viewport: { width: 360, height: 740 },
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    launchOptions: { executablePath: chromium(), args: [...quietBrowser, '--lang=vi-VN'] },
    screenshot: 'only-on-failure',
    // With what stood on the page at every step; a film of it besides makes every test a twelfth longer.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: true },
  },
});
