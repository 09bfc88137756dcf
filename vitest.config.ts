// Test projects: without a database; with processes of their own, on PostgreSQL 18; and the SQL lifecycle and the migration
// on 18, 17, 16 and 15 (some long files on 18 and 15 only).
// PGTEST_VERSION=16 runs everything that needs a database on that version alone.
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { isServerVersion, type ServerVersion } from './workers/dev/binaries.ts';
import { NO_TELEMETRY } from './workers/inference/no-telemetry.ts';

// For the tests that open a graph themselves. Engine processes do not inherit it, and are tested to need no help.
Object.assign(process.env, NO_TELEMETRY);

const WITH_PROCESSES = [
  'support/with-database',
  'queue',
  'maintenance',
  'fleet',
  'commands',
  'concurrency',
  'fault',
  'e2e',
  'demo',
];
/** They start what they test and wait for its end, not for a moment within seconds. */
const WITH_SERVERS = [
  'test/dev/**/*.test.ts',
  'test/commands/build.test.ts',
  'test/commands/dev.test.ts',
  'test/commands/lost-output.test.ts',
];
const SQL_ALONE = ['sql', 'migrate'];
/** Long, and of statements that mean the same on all: run on the oldest and the newest version, not on those between. */
const ON_BOTH_ENDS = [
  'sql/bad-input',
  'sql/value-sizes',
  'sql/constraints',
  'sql/crowds',
  'sql/role-pairs',
  'sql/structured',
  'sql/lease',
  'sql/fairness',
  'sql/release',
  'sql/races',
  'sql/partitions',
  'sql/logs',
  'migrate/data-alone',
  'migrate/locks',
  'migrate/shape',
  'migrate/drift',
  'migrate/strangers',
  'migrate/together',
  'migrate/upgrades',
  'migrate/present',
  'migrate/history',
  'migrate/shadowing',
  'migrate/open-schemas',
].map((name) => `test/${name}.test.ts`);
const tests = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

const wished = process.env.PGTEST_VERSION ? Number(process.env.PGTEST_VERSION) : undefined;
if (wished !== undefined && !isServerVersion(wished))
  throw new Error(`PGTEST_VERSION should be 15, 16, 17 or 18, but is ${process.env.PGTEST_VERSION}`);

function databaseProject(
  version: ServerVersion,
  order: number,
  what: { name: string; include: readonly string[]; exclude?: readonly string[]; maxWorkers?: number },
): TestProjectInlineConfiguration {
  return {
    test: {
      name: what.name,
      include: [...what.include],
      ...(what.exclude && { exclude: [...what.exclude] }),
      provide: { serverVersion: version },
      // One group after the other: four servers at work at the same time would measure each other.
      sequence: { groupOrder: order },
      ...(what.maxWorkers && { maxWorkers: what.maxWorkers }),
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  };
}

// Beside tests with processes of their own nothing else runs: they wait for what has to happen within seconds.
const withProcesses = (version: ServerVersion, order: number) =>
  databaseProject(version, order, { name: 'processes', include: tests(WITH_PROCESSES), exclude: WITH_SERVERS });

const withServers = (version: ServerVersion, order: number) =>
  databaseProject(version, order, { name: 'servers', include: WITH_SERVERS, maxWorkers: 2 });

// Where SQL alone is tested two files at once take six tenths of the time.
const sqlAlone = (version: ServerVersion, order: number) =>
  databaseProject(version, order, {
    name: `pg${version}`,
    include: tests(SQL_ALONE),
    maxWorkers: 2,
    exclude: [
      // Debian's plpgsql_check is for one version; a function body that passes there means the same on the others.
      ...(version === 15 ? [] : ['test/sql/plpgsql-check.test.ts']),
      ...(wished === undefined && (version === 16 || version === 17) ? ON_BOTH_ENDS : []),
    ],
  });

export default defineConfig({
  test: {
    globalSetup: './test/support/global-setup.ts',
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...tests([...WITH_PROCESSES, ...SQL_ALONE]), ...WITH_SERVERS],
          sequence: { groupOrder: 1 },
          // Two files at once: 236 s instead of 375 on two cores.
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      withServers(wished ?? 18, 2),
      withProcesses(wished ?? 18, 3),
      ...(wished === undefined ? ([18, 17, 16, 15] as const) : [wished]).map((version, index) =>
        sqlAlone(version, 4 + index),
      ),
    ],
  },
});
