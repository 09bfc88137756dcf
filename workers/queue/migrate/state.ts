// Everything a migration compares with the repository, read without taking a lock that anybody waits for.
import { actAsOwner, mayActAs } from './acting.ts';
import { takeInventory } from './apply.ts';
import { type BossPlan, type BossQueue, bossUnchanged, planBoss } from './boss.ts';
import { type Compat, type CompatWish, replacedObjects, wantedLayer, withLayer } from './compat.ts';
import type { Client } from './connection.ts';
import { type Drift, findDrift } from './drift.ts';
import { assertSupported, type Facts, readFacts } from './facts.ts';
import { type ForeignObject, readForeign } from './foreign.ts';
import { readForeignRights } from './foreign-rights.ts';
import type { Inventory } from './inventory.ts';
import { type Ledger, readLedger } from './ledger.ts';
import type { Names } from './names.ts';
import { readObjectStates } from './object-states.ts';
import { findOpenSchemas } from './open-schemas.ts';
import { foreseenOrphans, refuseOrphans } from './orphans.ts';
import { type Plan, planMigration } from './plan.ts';
import { refuseNewerRelease } from './release.ts';
import { assertRolesUsable, missingRoles, notIncluded, ownStatements } from './roles.ts';
import { type NotGranted, planSearchPath } from './search-path.ts';
import { readShape, type ShapeItem } from './shape.ts';
import { findShapeDrift, mayDiffer, refuseDamage, type ShapeDrift } from './shape-drift.ts';
import type { Sources } from './source-files.ts';
import type { SessionPath } from './transaction.ts';

export interface State {
  readonly facts: Facts;
  readonly roles: readonly string[];
  /** Memberships among our roles that are missing and not the login's to grant. */
  readonly notIncluded: readonly NotGranted[];
  readonly ledger: Ledger;
  readonly found: Inventory;
  /** With the files of the compatibility layer, where it is to be in force. */
  readonly sources: Sources;
  readonly compat: Compat | null;
  /** Objects that make way for others of the compatibility layer, or it for ours. */
  readonly replaced: readonly string[];
  readonly plan: Plan;
  readonly drift: Drift;
  /** Parts of tables that were there and not ours: not to be written down as ours. */
  readonly added: ReadonlySet<string>;
  readonly foreign: readonly ForeignObject[];
  readonly boss: BossPlan;
  /** Objects without a file, of which only a pending migration can still rid us. */
  readonly orphans: readonly string[];
  /** The statement that is missing, or null. */
  readonly searchPath: string | null;
  readonly openSchemas: readonly NotGranted[];
}

export interface Wanted {
  readonly names: Names;
  readonly sources: Sources;
  readonly compat: CompatWish;
  readonly queues: readonly BossQueue[] | undefined;
  readonly searchPath: boolean;
  /** Undo what a newer release made of functions. */
  readonly allowOlder: boolean;
}

// Bodies are checked by a test, not here, so that the order inside a folder is free. No partitioned table can be made while
// default_tablespace names the database's own.
const SETTINGS = `
set local check_function_bodies = off;
set local client_min_messages = warning;
set local statement_timeout = 0;
set local default_tablespace = '';
set local idle_in_transaction_session_timeout = 60000;
do $$
begin
  -- Known since 17, and counted from the transaction's begin; set to 0 it stops counting.
  if current_setting('server_version_num')::int >= 170000 then set local transaction_timeout = 0; end if;
end $$;
do $$
begin
  -- Killed in the middle, we are noticed within a second, not at the end of a long statement. Only some systems can.
  set local client_connection_check_interval = '1s';
exception when invalid_parameter_value then
  null;
end $$;`;

/** To be called in a transaction that beginTransaction began, with what that returned. Throws OrphanObjects and DatabaseDamaged too. */
export async function readState(client: Client, wanted: Wanted, session: SessionPath): Promise<State> {
  const { names, queues, searchPath, allowOlder } = wanted;
  const facts = await readFacts(client, names);
  assertSupported(facts, names);
  assertRolesUsable(facts, names);
  const path = await planSearchPath(client, facts, names, session, searchPath);
  const openSchemas = await findOpenSchemas(client, names, path.searched);
  await client.query(SETTINGS);
  if (mayActAs(facts, names)) await actAsOwner(client, names);
  const ledger = await readLedger(client, names);
  const found = await takeInventory(client, names);
  const compat = wantedLayer(wanted.compat, ledger.compat);
  const sources = await withLayer(client, wanted.sources, compat);
  const boss = planBoss(ledger.boss, queues, names);
  const shape = ledger.shape && (await compareShape(client, names, ledger.shape));
  await client.query('set local role none');
  const known = new Set(ledger.files.flatMap(({ objects }) => objects));
  const added = (shape?.addedWholes ?? []).map((what) => ({ what, statement: null }));
  const foreign = [...(await readForeign(client, names, known)), ...(await readForeignRights(client, names)), ...added];
  const drift = withMended(
    findDrift(ledger.objects ?? [], await readObjectStates(client, names), ledger.files),
    shape?.mended ?? [],
  );
  // An installation that wrote nothing down of its objects is applied anew once.
  const unknown = ledger.objects && ledger.shape ? [] : ledger.files.map((file) => file.path);
  const lost = new Set([...lostFiles(ledger, found), ...drift.files, ...unknown]);
  const plan = planMigration(sources, ledger, {
    lost,
    regrant: missingRoles(facts, names).length > 0 || drift.regrant,
  });
  if (!allowOlder) refuseNewerRelease(ledger.release, sources.release);
  const replaced = replacedObjects(ledger.files, plan.gone, wanted.sources).filter((identity) => found.has(identity));
  const orphans = foreseenOrphans(ledger.files, found, plan, replaced);
  refuseDamage(shape?.damage ?? [], names);
  if (plan.migrations.length === 0) refuseOrphans(orphans, names);
  return {
    facts,
    roles: ownStatements(facts, names),
    notIncluded: notIncluded(facts, names),
    ledger,
    found,
    sources,
    compat,
    replaced,
    plan,
    drift,
    added: shape?.added ?? new Set(),
    foreign,
    boss,
    orphans,
    searchPath: path.statement,
    openSchemas,
  };
}

async function compareShape(client: Client, names: Names, recorded: readonly ShapeItem[]): Promise<ShapeDrift> {
  const { items, settingsUnread } = await readShape(client, names, false);
  const now = settingsUnread ? [...items, ...recorded.filter(({ kind }) => kind === 'setting')] : items;
  const written = mayDiffer(recorded, now) ? (await readShape(client, names, true)).items : [];
  return findShapeDrift(recorded, now, written);
}

function withMended(drift: Drift, mended: ShapeDrift['mended']): Drift {
  return {
    ...drift,
    findings: [...drift.findings, ...mended.map(({ what }) => what)],
    tables: [...drift.tables, ...mended.map(({ table }) => table)],
    statements: [...drift.statements, ...mended.map(({ statement }) => statement)],
  };
}

/** Files with an object that is no longer there: dropped by a migration, or by hand. */
export function lostFiles(ledger: Ledger, inventory: Inventory): ReadonlySet<string> {
  return new Set(
    ledger.files.filter(({ objects }) => objects.some((identity) => !inventory.has(identity))).map(({ path }) => path),
  );
}

export function nothingToDo({ roles, plan, drift, boss, compat, ledger }: State): boolean {
  const { migrations, files, gone } = plan;
  return (
    roles.length + migrations.length + files.length + gone.length + drift.findings.length === 0 &&
    bossUnchanged(boss) &&
    compat === ledger.compat
  );
}
