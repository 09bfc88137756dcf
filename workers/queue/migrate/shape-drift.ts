// What of history is missing or another than it was made, and what was added to it. No I/O.
import { SteadyTextError } from '../../errors.ts';
import type { Names } from './names.ts';
import { roleName } from './roles.ts';
import type { ShapeItem } from './shape.ts';

export interface ShapeDrift {
  /** What migrate puts right itself: it takes no time and no row can stand against it. */
  readonly mended: readonly Damage[];
  /** What an administrator has to put right: it is lost with its rows, takes long under a lock, or may fail on rows that came since. */
  readonly damage: readonly Damage[];
  /** What an administrator has added, and of it what is part of nothing else that was added. */
  readonly added: ReadonlySet<string>;
  readonly addedWholes: readonly string[];
}

export interface Damage {
  readonly what: string;
  readonly table: string;
  readonly statement: string;
}

/** `written` has the statements as they are now, where expressions differ: the same may have been made again, from other words. */
export function findShapeDrift(
  recorded: readonly ShapeItem[],
  now: readonly ShapeItem[],
  written: readonly ShapeItem[] = [],
): ShapeDrift {
  const found = byIdentity(now);
  const rewritten = byIdentity(written);
  const missing = recorded.filter(({ identity }) => !found.has(identity));
  const lost = new Set(missing.map(({ identity }) => identity));
  const known = byIdentity(recorded);
  const fresh = now.filter(({ identity }) => !known.has(identity));
  const added = new Set(fresh.map(({ identity }) => identity));
  const wholes = fresh.filter((item) => item.kind !== 'setting' && !partOf(item, added));
  const addedWholes = wholes.map(({ identity }) => identity);
  const drift = { mended: [] as Damage[], damage: [] as Damage[], added, addedWholes };
  const tell = (item: ShapeItem, what: string, statement: string) => {
    const mendable = item.kind === 'default' || item.kind === 'setting';
    drift[mendable ? 'mended' : 'damage'].push({ what: `${item.identity}: ${what}`, table: item.table, statement });
  };
  for (const old of recorded) {
    const item = found.get(old.identity);
    if (!item && !partOf(old, lost)) tell(old, 'is missing', old.make);
    if (!item) continue;
    if (item.definition !== old.definition) tell(old, describe(old, item), old.mend);
    else if (expressionsDiffer(old, item) && inOneWay(rewritten.get(old.identity)?.make) !== inOneWay(old.make))
      tell(old, describe(old, item), old.mend);
  }
  return drift;
}

/** Whether to ask for what is now written out: only then is a lock taken on any table. */
export function mayDiffer(recorded: readonly ShapeItem[], now: readonly ShapeItem[]): boolean {
  const found = byIdentity(now);
  return recorded.some((old) => {
    const item = found.get(old.identity);
    return item !== undefined && item.definition === old.definition && expressionsDiffer(old, item);
  });
}

/** Throws DatabaseDamaged. */
export function refuseDamage(damage: readonly Damage[], names: Names): void {
  if (damage.length === 0) return;
  const statements = damage.map(({ statement }) => statement).join('\n');
  throw new SteadyTextError(
    'DatabaseDamaged',
    `The database should be as it was migrated, but is not:\n${damage.map(({ what }) => what).join('\n')}`,
    {
      hint:
        `Nothing was changed. What rows a table or column had is in a backup only. To make what is missing, or to put back what ` +
        `is another, run, then migrate again:\nset role ${roleName(names, 'steadytext_owner')};\n${statements}\nreset role;`,
    },
  );
}

/** The server writes (a and b) and c with other parentheses when it has read what it wrote itself. */
function inOneWay(statement: string | undefined): string | undefined {
  return statement?.replaceAll(/[()\s]/g, '');
}

function describe(old: ShapeItem, item: ShapeItem): string {
  const inWords = old.kind === 'table' || old.kind === 'column';
  return inWords ? `should be ${old.definition}, but is ${item.definition}` : 'is not as it was made';
}

function partOf({ parent }: ShapeItem, identities: ReadonlySet<string>): boolean {
  if (parent === null) return false;
  const table = parent.replace(/^column .* of /, 'table ');
  return identities.has(parent) || identities.has(table);
}

function expressionsDiffer({ expressions: before }: ShapeItem, { expressions: now }: ShapeItem): boolean {
  return before?.place === now?.place && before?.digest !== now?.digest;
}

function byIdentity(items: readonly ShapeItem[]): ReadonlyMap<string, ShapeItem> {
  return new Map(items.map((item) => [item.identity, item]));
}
