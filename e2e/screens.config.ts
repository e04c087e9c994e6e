/**
 * A picture of every screen: `cargo xtask screens` serves a demo at `DONGHANH_URL` and names the folder in
 * `DONGHANH_SCREENS`.
 */
import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: 'screens',
  testMatch: '*.ts',
  // The data is served from outside.
  globalSetup: undefined,
  outputDir: '../target/e2e-screens',
  timeout: 300_000,
  use: { ...base.use, screenshot: 'off', trace: 'off' },
});
