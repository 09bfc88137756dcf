// Test projects: without a database; with processes of their own, on PostgreSQL 18; and the SQL lifecycle and the migration
// on 18, of which the older ones run what differs between versions, and 15 a little more.
// PGTEST_VERSION=16 runs everything that needs a database on that version alone.
import { join } from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { isServerVersion, type ServerVersion } from './workers/dev/binaries.ts';
import { NO_TELEMETRY } from './workers/inference/no-telemetry.ts';

// For the tests that open a graph themselves. Engine processes do not inherit it, and are tested to need no help.
Object.assign(process.env, NO_TELEMETRY);
// As the command does: the engines, converters and workers that tests start, hundreds of them, need not strip types and compile
// what an earlier one has, which is half a second of a core for each.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled');

/** Beside them nothing else runs: they wait for what has to happen within seconds. */
const WITH_PROCESSES = ['fleet', 'fault'];
/** They start what they test and wait for its end, not for a moment within seconds. */
const WITH_SERVERS = ['dev', 'commands', 'demo', 'support/with-database', 'queue', 'maintenance', 'examples'];
const SQL_ALONE = ['sql', 'migrate'];
const files = (names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);
/** Of fleet and fault, those that wait for an end too, half a minute if need be, or for nothing: beside others they lose nothing. */
const WAITING = files([
  'fault/bouncer',
  'fault/full-notice-queue',
  'fault/model-files',
  'fault/real-engines.e2e',
  'fleet/drain-without-database',
  'fleet/hand-over',
  'fleet/held-requests',
  'fleet/lease-keeper',
  'fleet/log-settings',
  'fleet/lost-requests',
  'fleet/places',
  'fleet/places-kept',
  'fleet/policies',
  'fleet/refused-outcomes',
  'fleet/sizes',
  'fleet/standby',
  'fleet/worker-command',
  'fleet/young-generation',
]);
/** Where versions differ: roles and rights, plans, what may be asked of a catalog. The other files run on 18. */
const ON_ALL_VERSIONS = files(['migrate/install', 'sql/catalog', 'sql/lifecycle', 'sql/role-matrix', 'sql/tenancy']);
/** Plans of the oldest and of what came next; 17 is as 16 in what is looked at here. */
const BEFORE_17_TOO = files(['sql/plans', 'sql/users']);
/** On the oldest too: what an upgrade may meet there, other plans, and what only Debian's tools for 15 can look at. */
const ON_15_TOO = files([
  'sql/audit-seals',
  'sql/enqueue',
  'sql/estimates',
  'sql/maintenance',
  'sql/settings-sources',
  'sql/settings-system',
  'migrate/roles',
  'migrate/upgrades',
  'sql/direct-inserts',
  'sql/partitions',
  'sql/plpgsql-check',
  'sql/sync',
  'sql/cancel',
  'sql/verify',
  'sql/write-back-rights',
]);
/** Membership is another thing since 16, and on 17 as there. */
const ON_16_TOO = files(['migrate/roles']);
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
      sequence: { groupOrder: order },
      ...(what.maxWorkers && { maxWorkers: what.maxWorkers }),
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  };
}

const withProcesses = (version: ServerVersion, order: number) =>
  databaseProject(version, order, { name: 'processes', include: tests(WITH_PROCESSES), exclude: WAITING });

const withServers = (version: ServerVersion, order: number) =>
  databaseProject(version, order, { name: 'servers', include: [...tests(WITH_SERVERS), ...WAITING], maxWorkers: 2 });

// Where SQL alone is tested two files at once take six tenths of the time; three take no less. The two may be of two versions:
// while the server of one starts, for five seconds, the other goes on.
const sqlAlone = (version: ServerVersion) =>
  databaseProject(version, 4, {
    name: `pg${version}`,
    include:
      wished !== undefined || version === 18
        ? tests(SQL_ALONE)
        : [
            ...ON_ALL_VERSIONS,
            ...(version === 17 ? [] : BEFORE_17_TOO),
            ...(version === 15 ? ON_15_TOO : []),
            ...(version === 16 ? ON_16_TOO : []),
          ],
    maxWorkers: 2,
    // Debian's plpgsql_check is for one version; a function body that passes there means the same on the others.
    exclude: version === 15 ? [] : ['test/sql/plpgsql-check.test.ts'],
  });

export default defineConfig({
  test: {
    globalSetup: './test/support/global-setup.ts',
    reporters: ['default', './test/support/summary-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: tests([...WITH_PROCESSES, ...WITH_SERVERS, ...SQL_ALONE]),
          sequence: { groupOrder: 1 },
          // Two files at once: 236 s instead of 375 on two cores.
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      withServers(wished ?? 18, 2),
      withProcesses(wished ?? 18, 3),
      ...(wished === undefined ? ([18, 17, 16, 15] as const) : [wished]).map(sqlAlone),
    ],
  },
});
