/**
 * Figures that only a browser can give; `cargo xtask bench` serves the data and reads them from `DONGHANH_FIGURES`.
 */
import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

export default defineConfig({
  ...base,
  testDir: 'bench',
  testMatch: '*.ts',
  // The data is served from outside.
  globalSetup: undefined,
  outputDir: '../target/e2e-bench',
  timeout: 900_000,
  // Recording would be measured along.
  use: { ...base.use, screenshot: 'off', trace: 'off' },
});
