// The last line of a test run: `N passed, N failed, N skipped`, and before it every skipped test with its reason.
import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: string[];
}

export default class SummaryReporter implements Reporter {
  onInit(): void {
    // Only at the exit is nothing printed after it.
    process.once('exit', () => {
      if (this.lines.length > 0) writeSync(1, `\n${this.lines.join('\n')}\n`);
    });
  }

  private lines: readonly string[] = [];

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.lines = summaryLines(modules, unhandled);
  }
}

export function summaryLines(modules: readonly TestModule[], unhandled: readonly SerializedError[]): string[] {
  const counts: Counts = { passed: 0, failed: unhandled.length, skipped: [] };
  for (const module of modules) countModule(module, counts);
  const { passed, failed, skipped } = counts;
  return [...skipped.sort(), `${passed} passed, ${failed} failed, ${skipped.length} skipped`];
}

function countModule(module: TestModule, counts: Counts): void {
  // A file that did not load, or a hook that failed, counts as one failure: its tests alone would not show it.
  counts.failed += module.errors().length;
  for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (result.state === 'passed') counts.passed++;
    else if (result.state === 'failed') counts.failed++;
    else {
      const reason = (result.state === 'skipped' && result.note) || 'no reason given';
      counts.skipped.push(`skipped: [${module.project.name}] ${module.relativeModuleId} > ${test.fullName}: ${reason}`);
    }
  }
}
