// Brings a database from whatever it is to what the repository says, in one transaction, while others use it.
import type { Logger } from '../../log.ts';
import { actAsOwner } from './acting.ts';
import { applyMigrationFile, applyPresentFiles, takeInventory } from './apply.ts';
import { applyBoss, type BossQueue, bossUnchanged, grantBossRights } from './boss.ts';
import { checkPrimary } from './check-database.ts';
import { type CompatWish, dropReplaced, wantedLayer } from './compat.ts';
import { type Client, withClient } from './connection.ts';
import { assertServerSupported, readFacts } from './facts.ts';
import {
  forgetFiles,
  makeLedger,
  type RecordedFile,
  recordBoss,
  recordCompat,
  recordFiles,
  recordMigration,
  recordObjects,
  recordRelease,
} from './ledger.ts';
import { LOCK_BUDGET_MS, lockBudget } from './lock-budget.ts';
import { takeLock } from './migrate-lock.ts';
import { type Names, namesOf } from './names.ts';
import { readObjectStates } from './object-states.ts';
import { assertNoOrphans } from './orphans.ts';
import { planMigration } from './plan.ts';
import { revokePublicRights } from './public-rights.ts';
import { type MigrateReport, reportOf, together } from './report.ts';
import { withRetries } from './retries.ts';
import { administratorScript, ensureRoles } from './roles.ts';
import { ensureOwnerMayCreate, makeSchemas } from './schemas.ts';
import { mayChangeDatabase } from './search-path.ts';
import { readShape } from './shape.ts';
import {
  FOLDER_ORDER,
  LOCK_FREE_FOLDERS,
  LOCKING_FOLDERS,
  type PresentFile,
  readSources,
  type SqlFolder,
} from './source-files.ts';
import { lostFiles, nothingToDo, readState, type State, type Wanted } from './state.ts';
import { lockTables, tablesToLock } from './table-locks.ts';
import { beginTransaction, inReadOnlyTransaction } from './transaction.ts';

export type { MigrateReport } from './report.ts';

export type MigrateOptions = {
  readonly schema?: string;
  readonly rolePrefix?: string;
  /** Say what would change, and change nothing. */
  readonly check?: boolean;
  /** False leaves the database's search_path alone. */
  readonly searchPath?: boolean;
  /** Migrate although a newer release has, which undoes what that one made of functions. */
  readonly allowOlder?: boolean;
  /** The compatibility layer that is to be in force; without it, the one that is stays. */
  readonly compat?: CompatWish;
  /** The pg-boss queues there are to be; without it, those that are there stay. */
  readonly queues?: readonly BossQueue[];
  /** A folder with migrations/ and sql/; the repository's own without it. */
  readonly root?: string;
  /** How long to keep trying while others hold locks or another migrate runs. */
  readonly patienceMs?: number;
  readonly log?: Logger;
} & ({ readonly client: Client } | { readonly url: string });

const PATIENCE_MS = 300_000;

export async function migrate(options: MigrateOptions): Promise<MigrateReport> {
  const { patienceMs = PATIENCE_MS, log } = options;
  const names = namesOf(options.schema, options.rolePrefix);
  const wanted: Wanted = {
    names,
    sources: readSources(options.root),
    compat: options.compat,
    queues: options.queues,
    searchPath: options.searchPath ?? true,
    allowOlder: options.allowOlder ?? false,
  };
  return await withClient(options, async (client) => {
    await checkPrimary(client, 'migrating');
    if (options.check) return await checkOnly(client, wanted);
    return await withRetries(client, names, { patienceMs, log }, (attempts) => attempt(client, wanted, attempts));
  });
}

/** What an administrator has to run where the migrating login may not make roles. */
export async function printRoles(
  options: Pick<MigrateOptions, 'schema' | 'rolePrefix'> & ({ client: Client } | { url: string }),
): Promise<string> {
  const names = namesOf(options.schema, options.rolePrefix);
  return await withClient(options, (client) =>
    inReadOnlyTransaction(client, async () => {
      const facts = await readFacts(client, names);
      assertServerSupported(facts);
      return administratorScript(facts, names);
    }),
  );
}

async function checkOnly(client: Client, wanted: Wanted): Promise<MigrateReport> {
  return await inReadOnlyTransaction(client, async (session) => {
    const state = await readState(client, wanted, session);
    return {
      ...reportOf(
        state,
        state.plan.files.map(({ path }) => path),
        1,
      ),
      check: true,
      orphans: state.orphans,
    };
  });
}

/** One transaction. Resolves to undefined when another migrate holds the lock: it is waited for outside a transaction. */
async function attempt(client: Client, wanted: Wanted, attempts: number): Promise<MigrateReport | undefined> {
  try {
    const session = await beginTransaction(client, 'read write');
    if (!(await takeLock(client, wanted.names))) {
      await client.query('rollback');
      return undefined;
    }
    // First the database as it is comes to this release: a view of an older one may ask a function that the layer replaces.
    const first = wanted.compat === 'none' ? wanted : { ...wanted, compat: undefined };
    const before = await readState(client, first, session);
    let report = reportOf(before, nothingToDo(before) ? [] : await apply(client, wanted, before), attempts);
    let state = before;
    if (wantedLayer(wanted.compat, before.compat) !== before.compat) {
      state = await readState(client, wanted, session);
      report = together(report, reportOf(state, await apply(client, wanted, state), attempts));
    }
    await noteRelease(client, wanted, state);
    if (state.searchPath !== null && mayChangeDatabase(state.facts)) await client.query(state.searchPath);
    await client.query('commit');
    return report;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** A newer release with nothing to do is written down too: an older one may have functions of its own. */
async function noteRelease(client: Client, { names, sources }: Wanted, { ledger }: State): Promise<void> {
  if (ledger.release === sources.release) return;
  await actAsOwner(client, names);
  await recordRelease(client, names, sources.release);
  await client.query('set local role none');
}

/** Returns the paths of the present files that were applied. */
async function apply(client: Client, { names }: Wanted, state: State): Promise<string[]> {
  const { facts, ledger, found, plan, boss } = state;
  // Up to the tables' own locks: whoever holds a table of pg-boss is waited for and then made way for, too.
  await client.query(`set local lock_timeout = ${LOCK_BUDGET_MS}`);
  await ensureRoles(client, facts, names);
  await ensureOwnerMayCreate(client, facts, names);
  await actAsOwner(client, names);
  await makeSchemas(client, names);
  await makeLedger(client, names);
  if (!bossUnchanged(boss)) {
    await applyBoss(client, boss, names);
    await recordBoss(client, names, boss);
  }
  await grantBossRights(client, names);
  await dropReplaced(client, names, state.replaced);
  const applied = await applyFiles(client, names, state);
  await recordFiles(client, names, applied);
  await forgetFiles(client, names, plan.gone);
  if (state.compat !== ledger.compat) await recordCompat(client, names, state.compat);
  const renewed = new Set([...applied.map(({ path }) => path), ...plan.gone]);
  const after = [...ledger.files.filter(({ path }) => !renewed.has(path)), ...applied];
  assertNoOrphans({ before: ledger.files, after, found, now: await takeInventory(client, names) }, names);
  await revokePublicRights(client, names);
  await record(client, names, state);
  await client.query('set local role none');
  return applied.map(({ path }) => path);
}

/** Last of all, with no wait behind those who hold a table against readers: others may be waiting for what we hold. */
async function record(client: Client, names: Names, { added }: State): Promise<void> {
  await client.query(`set local lock_timeout = '100ms'`);
  const { items } = await readShape(client, names, true);
  // What an administrator added stays theirs, to be dropped without a word.
  const shape = items.filter(({ identity }) => !added.has(identity));
  await recordObjects(client, names, { states: await readObjectStates(client, names), shape });
}

/** What waits for nobody first, then all locks at once, then what needs them. */
async function applyFiles(client: Client, names: Names, state: State) {
  const { sources, ledger, plan, drift } = state;
  const budget = lockBudget();
  const applied: RecordedFile[] = [];
  const applyFolders = async (folders: readonly SqlFolder[], files: readonly PresentFile[]) => {
    for (const folder of folders) {
      applied.push(
        ...(await applyPresentFiles(
          client,
          names,
          files.filter((file) => file.folder === folder),
        )),
      );
    }
  };
  if (plan.migrations.length === 0) await applyFolders(LOCK_FREE_FOLDERS, plan.files);
  const locking = plan.files.filter(({ folder }) => !LOCK_FREE_FOLDERS.includes(folder) && folder !== 'grants');
  const tables = new Set([...tablesToLock([...plan.migrations, ...locking], names), ...drift.tables]);
  await lockTables(client, [...tables].sort(), budget);
  for (const statement of drift.statements) await client.query(statement);
  if (plan.migrations.length === 0) {
    await applyFolders(LOCKING_FOLDERS, plan.files);
    return applied;
  }
  for (const migration of plan.migrations) {
    await applyMigrationFile(client, names, migration);
    await recordMigration(client, names, migration);
  }
  // A migration may have dropped what a file made: planned once more, with what is there now.
  const lost = new Set([...lostFiles(ledger, await takeInventory(client, names)), ...drift.files]);
  const { files } = planMigration(sources, ledger, { lost, regrant: true });
  await applyFolders(FOLDER_ORDER, files);
  return applied;
}
