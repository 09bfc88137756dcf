// What is to be applied: the difference between what the database recorded and what the repository says. No I/O.
import { SteadyTextError } from '../../errors.ts';
import type { Migration, PresentFile, Sources } from './source-files.ts';

/** What earlier runs wrote down in the private schema; empty before the first. */
export interface Recorded {
  readonly migrations: readonly { readonly number: number; readonly path: string; readonly hash: string }[];
  readonly files: readonly { readonly path: string; readonly hash: string }[];
}

export interface Plan {
  readonly migrations: readonly Migration[];
  readonly files: readonly PresentFile[];
  /** Recorded files that the repository no longer has. */
  readonly gone: readonly string[];
}

export const NOTHING_RECORDED: Recorded = Object.freeze({ migrations: [], files: [] });

export interface Found {
  /** Files whose objects are no longer in the database, or not as the file made them. */
  readonly lost: ReadonlySet<string>;
  /** A role is missing, or rights were given or taken by hand. */
  readonly regrant: boolean;
}

/** Throws HistoryEdited and DatabaseNewer. */
export function planMigration(sources: Sources, recorded: Recorded, { lost, regrant: rightsDiffer }: Found): Plan {
  assertHistoryUnchanged(sources.migrations, recorded);
  const hashes = new Map(recorded.files.map(({ path, hash }) => [path, hash]));
  const migrations = sources.migrations.slice(recorded.migrations.length);
  const changed = sources.present.filter((file) => hashes.get(file.path) !== file.hash || lost.has(file.path));
  const kept = new Set(sources.present.map(({ path }) => path));
  const gone = [...hashes.keys()].filter((path) => !kept.has(path));
  // Rights are given again whenever anything else is applied: a function or table made anew has lost those it had, and a
  // role made anew never had any.
  const regrant = rightsDiffer || migrations.length > 0 || changed.length > 0;
  const files = sources.present.filter((file) => changed.includes(file) || (regrant && file.folder === 'grants'));
  return { migrations, files, gone };
}

function assertHistoryUnchanged(migrations: readonly Migration[], recorded: Recorded): void {
  const newest = migrations.length;
  const unknown = recorded.migrations.filter(({ number }) => number > newest);
  if (unknown.length > 0) {
    throw new SteadyTextError(
      'DatabaseNewer',
      `The database should be at migration ${newest} or before, as this version of the program, but is at ${Math.max(...unknown.map(({ number }) => number))}`,
      { hint: 'Use the newer version of the program that migrated it.' },
    );
  }
  for (const { number, path, hash } of recorded.migrations) {
    const file = migrations[number - 1]!;
    if (file.hash === hash) continue;
    throw new SteadyTextError(
      'HistoryEdited',
      `${file.path} should be as it was when it was applied${file.path === path ? '' : ` as ${path}`}, but its content differs`,
      {
        hint: 'Put the file back as it was, and make the change in a new migration with the next number.',
      },
    );
  }
}
