// What a migration tells of itself.
import type { Compat } from './compat.ts';
import type { ForeignObject } from './foreign.ts';
import { mayChangeDatabase, type NotGranted } from './search-path.ts';
import { nothingToDo, type State } from './state.ts';

export interface MigrateReport {
  readonly check: boolean;
  /** Anything applied, or with `check`, anything that would be. */
  readonly changed: boolean;
  /** Statements that made or granted roles. */
  readonly roles: readonly string[];
  /** Paths below the repository. */
  readonly migrations: readonly string[];
  readonly files: readonly string[];
  /** Files recorded earlier that the repository no longer has. */
  readonly gone: readonly string[];
  /** What had been changed by hand and was put back. */
  readonly drift: readonly string[];
  /** With `check`: objects without a file, on which migrate stops unless one of the migrations drops them. */
  readonly orphans: readonly string[];
  /** What others put into our schemas or onto our tables. */
  readonly foreign: readonly ForeignObject[];
  /** Names of pg-boss queues made; `bossInstalled` says whether its tables were made too. */
  readonly queues: readonly string[];
  readonly bossInstalled: boolean;
  /** The statement that was run for the search_path, or null. */
  readonly searchPath: string | null;
  /** Memberships among our roles that are missing, without which logins lack rights, and that the login may not grant. */
  readonly notIncluded: readonly NotGranted[];
  /** What the login had no right to do, and the installation works without. */
  readonly notGranted: readonly NotGranted[];
  /** Schemas from which others' functions can be called in place of ours, and what closes them. */
  readonly openSchemas: readonly NotGranted[];
  /** Of a first run: installations that this database has already. */
  readonly beside: readonly string[];
  /** The compatibility layer that is in force; with `check`, that would be. */
  readonly compat: Compat | null;
  /** Attempts needed: more than one when others held locks. */
  readonly attempts: number;
}

export function reportOf(state: State, files: readonly string[], attempts: number): MigrateReport {
  const { facts, roles, notIncluded, plan, drift, foreign, boss, searchPath, openSchemas } = state;
  const mayChange = mayChangeDatabase(facts);
  const notGranted =
    searchPath === null || mayChange ? [] : [{ what: 'the unqualified names of the API', statement: searchPath }];
  return {
    check: false,
    changed: !nothingToDo(state) || (searchPath !== null && mayChange),
    roles,
    migrations: plan.migrations.map(({ path }) => path),
    files,
    gone: plan.gone,
    drift: drift.findings,
    orphans: [],
    foreign,
    queues: boss.create.map(({ name }) => name),
    bossInstalled: boss.install,
    searchPath: mayChange ? searchPath : null,
    notIncluded,
    notGranted,
    openSchemas,
    beside: facts.installedOwner === null ? facts.others : [],
    compat: state.compat,
    attempts,
  };
}

/** Of one migration in two steps. */
export function together(first: MigrateReport, second: MigrateReport): MigrateReport {
  return {
    ...second,
    changed: first.changed || second.changed,
    roles: [...first.roles, ...second.roles],
    migrations: [...first.migrations, ...second.migrations],
    files: [...new Set([...first.files, ...second.files])],
    gone: [...first.gone, ...second.gone],
    drift: [...first.drift, ...second.drift],
    queues: [...first.queues, ...second.queues],
    bossInstalled: first.bossInstalled || second.bossInstalled,
    beside: first.beside,
  };
}
