import base from './playwright.config.ts'; export default {...base, testDir:'../target/stubtests', outputDir:'../target/e2e-probe'};
