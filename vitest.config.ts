// Test projects: without a database; with one, on PostgreSQL 18; and the SQL lifecycle and the migration again on 15, 16, 17
// (some long files on 15 only of these).
// PGTEST_VERSION=16 runs everything that needs a database on that version alone.
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { isServerVersion, type ServerVersion } from './workers/dev/binaries.ts';
import { NO_TELEMETRY } from './workers/inference/no-telemetry.ts';

// For the tests that open a graph themselves. Engine processes do not inherit it, and are tested to need no help.
Object.assign(process.env, NO_TELEMETRY);

const WITH_DATABASE = [
  'sql',
  'migrate',
  'support/with-database',
  'dev',
  'queue',
  'maintenance',
  'fleet',
  'commands',
  'concurrency',
  'fault',
  'e2e',
  'demo',
];
const ON_EVERY_VERSION = ['sql', 'migrate'];
/** Long, and of statements that mean the same on all: run on the oldest and the newest version, not on those between. */
const ON_BOTH_ENDS = [
  'sql/bad-input',
  'sql/constraints',
  'sql/role-pairs',
  'migrate/shape',
  'migrate/drift',
  'migrate/strangers',
].map((name) => `test/${name}.test.ts`);
const tests = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

function databaseProject(
  version: ServerVersion,
  folders: readonly string[],
  order: number,
): TestProjectInlineConfiguration {
  return {
    test: {
      name: `pg${version}`,
      include: tests(folders),
      // Debian's plpgsql_check is for one version; a function body that passes there means the same on the others.
      exclude: [
        ...(version === 15 ? [] : ['test/sql/plpgsql-check.test.ts']),
        ...(folders === ON_EVERY_VERSION && version !== 15 ? ON_BOTH_ENDS : []),
      ],
      provide: { serverVersion: version },
      // One version after the other: four servers at work at the same time would measure each other.
      sequence: { groupOrder: order },
      // Where SQL alone is tested two files at once take six tenths of the time. Beside tests with processes of their own nothing
      // else runs: they wait for what has to happen within seconds.
      ...(folders === ON_EVERY_VERSION && { maxWorkers: 2 }),
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  };
}

const wished = process.env.PGTEST_VERSION ? Number(process.env.PGTEST_VERSION) : undefined;
if (wished !== undefined && !isServerVersion(wished))
  throw new Error(`PGTEST_VERSION should be 15, 16, 17 or 18, but is ${process.env.PGTEST_VERSION}`);

export default defineConfig({
  test: {
    globalSetup: './test/support/global-setup.ts',
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: tests(WITH_DATABASE),
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      databaseProject(wished ?? 18, WITH_DATABASE, 2),
      ...(wished === undefined
        ? ([17, 16, 15] as const).map((version, index) => databaseProject(version, ON_EVERY_VERSION, 3 + index))
        : []),
    ],
  },
});
