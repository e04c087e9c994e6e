/**
 * Says at the very end, in a few lines each, what failed and in which step: what stands above it is long (what servers and
 * phones wrote), and where only the end of the output is kept, that end tells.
 */
import type { FullConfig, Reporter, Suite, TestStep, TestResult } from '@playwright/test/reporter';

/** How much of an error is said: the expectation, what was found, and how long it was waited for. */
const LINES = 12;

/** A reporter of failures alone. */
export default class Failures implements Reporter {
  #suite: Suite | undefined;

  onBegin(_: FullConfig, suite: Suite): void {
    this.#suite = suite;
  }

  onEnd(): void {
    const failed = (this.#suite?.allTests() ?? []).filter((test) => test.outcome() === 'unexpected');
    for (const test of failed) {
      console.log(`\nFailed: ${test.location.file.split('/').pop()}:${test.location.line} ${test.title}`);
      for (const result of test.results) console.log(digest(result));
    }
  }

  printsToStdio(): boolean {
    return false;
  }
}

/** The named steps that led to each error, where it was, and its first lines without colours. */
function digest(result: TestResult): string {
  const steps = failedSteps(result.steps).map((step) => `  in: ${step}`);
  const errors = result.errors.map(({ message = '', location }) => {
    const lines = message.replace(/\u001b\[[0-9;]*m/g, '').split('\n').filter((line) => line.trim());
    const at = location ? `  at: ${location.file.split('/').pop()}:${location.line}\n` : '';
    return at + lines.slice(0, LINES).map((line) => `  | ${line}`).join('\n');
  });
  return [...steps, ...errors].join('\n');
}

function failedSteps(steps: TestStep[]): string[] {
  return steps
    .filter((step) => step.error)
    .flatMap((step) => [...(step.category === 'test.step' ? [step.title] : []), ...failedSteps(step.steps)]);
}
