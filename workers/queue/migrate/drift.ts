// What was changed by hand since the last apply, and what puts it back. No I/O.
import type { RecordedFile } from './ledger.ts';
import type { ObjectState } from './object-states.ts';

export interface Drift {
  /** One line for each object and what is wrong with it. */
  readonly findings: readonly string[];
  /** Files whose object has to be made again. */
  readonly files: ReadonlySet<string>;
  /** To be locked for the statements. */
  readonly tables: readonly string[];
  /** To be run before the grants. */
  readonly statements: readonly string[];
  /** Rights differ: the grants have to be applied again. */
  readonly regrant: boolean;
}

/** Objects that were made or dropped since are for others to find: the inventory's, or of a partition's coming and going. */
export function findDrift(
  recorded: readonly ObjectState[],
  now: readonly ObjectState[],
  files: readonly RecordedFile[],
): Drift {
  const before = new Map(recorded.map((state) => [state.identity, state]));
  const fileOf = new Map(files.flatMap(({ path, objects }) => objects.map((identity) => [identity, path])));
  const drift = {
    findings: [] as string[],
    files: new Set<string>(),
    tables: [] as string[],
    statements: [] as string[],
    regrant: false,
  };
  for (const state of now) {
    const { identity, definition, numbered, rights } = state;
    const path = fileOf.get(identity);
    const plain = /^(table|schema) /.test(identity);
    const old = before.get(identity);
    // A policy or trigger without a file is the administrator's.
    if (!old || !(plain || path)) continue;
    const same = old.definition === definition || old.definition === numbered;
    if (!same || expressionsDiffer(old, state)) {
      drift.findings.push(`${identity}: ${path ? 'is not as its file made it' : `should have ${old.definition}`}`);
      if (path) drift.files.add(path);
      else {
        drift.tables.push(identity.replace(/^table /, ''));
        drift.statements.push(`alter ${identity} ${old.definition};`);
      }
    }
    // What is everybody's came by default privileges, if it was there before: no file grants anything to PUBLIC.
    const due = old.rights.filter((right) => !right.endsWith(' to public'));
    const lost = due.filter((right) => !rights.includes(right));
    const added = rights.filter((right) => !due.includes(right));
    if (lost.length + added.length === 0) continue;
    drift.regrant = true;
    if (lost.length > 0) drift.findings.push(`${identity}: lacks ${lost.join(', ')}`);
    if (added.length > 0) drift.findings.push(`${identity}: should not have ${added.join(', ')}`);
    // All of a role's, since a column's right goes with its table's; the grants then give back what it should have.
    const grantees = new Set(added.map((right) => / to (\S+?)( with grant option)?$/.exec(right)![1]!));
    for (const grantee of grantees)
      drift.statements.push(
        `revoke all on ${state.target} from ${grantee}${/grant option/.test(added.join()) ? ' cascade' : ''};`,
      );
  }
  return drift;
}

function expressionsDiffer({ expressions: before }: ObjectState, { expressions: now }: ObjectState): boolean {
  return before?.place === now?.place && before?.digest !== now?.digest;
}
