// Objects in our schemas that no file describes: left by a removed file or an old signature, or made in a migration. No I/O.
import { basename } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import type { Inventory, InventoryRow } from './inventory.ts';
import type { RecordedFile } from './ledger.ts';
import type { Names } from './names.ts';
import type { Plan } from './plan.ts';

/** The present as recorded before this run and after it; the inventory as it was found and as it is now. */
export interface Change {
  readonly before: readonly RecordedFile[];
  readonly after: readonly RecordedFile[];
  readonly found: Inventory;
  readonly now: Inventory;
}

function findOrphans({ before, after, found, now }: Change): InventoryRow[] {
  const described = new Set(after.flatMap(({ objects }) => objects));
  const onceOurs = new Set(before.flatMap(({ objects }) => objects));
  return (
    [...now.values()]
      .filter(({ identity }) => !described.has(identity))
      // The administrator may add policies to our tables: those we never made and that were there before are not ours.
      .filter(({ kind, identity }) => kind !== 'policy' || onceOurs.has(identity) || !found.has(identity))
  );
}

/**
 * What is without a file before anything is applied, whether anything will be or not. Left out is what a file that is to be
 * applied, or a DROP of a migration that is, has the name of: what they make of it is known when they have run.
 */
export function foreseenOrphans(
  files: readonly RecordedFile[],
  found: Inventory,
  plan: Plan,
  replaced: readonly string[] = [],
): string[] {
  // A file that is new may make what another made before: that is known when it has run.
  const recorded = new Set(files.map(({ path }) => path));
  if (plan.files.some(({ path }) => !recorded.has(path))) return [];
  const kept = files.filter(({ path }) => !plan.gone.includes(path));
  const remade = new Set(plan.files.map(({ path }) => basename(path, '.sql')));
  const drops = plan.migrations.flatMap(({ text }) => text.match(/\bdrop\b[^;]*/gi) ?? []);
  const dropped = new Set(drops.flatMap((drop) => drop.match(/\w+/g) ?? []));
  return findOrphans({ before: files, after: kept, found, now: found })
    .filter(({ name, identity }) => !remade.has(name) && !dropped.has(name) && !replaced.includes(identity))
    .map(({ identity }) => identity);
}

export function assertNoOrphans(change: Change, names: Names): void {
  refuseOrphans(
    findOrphans(change).map(({ identity }) => identity),
    names,
  );
}

export function refuseOrphans(orphans: readonly string[], names: Names): void {
  if (orphans.length === 0) return;
  const drops = orphans.map((identity) => `drop ${withPlaceholders(identity, names)};`);
  throw new SteadyTextError(
    'OrphanObjects',
    `Every object in the schemas should have a file below sql/, but ${orphans.length === 1 ? 'this has' : 'these have'} none: ${orphans.join(', ')}`,
    {
      hint: `Add a file for it, or drop it in a new migration:\n${drops.join('\n')}\nBy hand, in psql, @extschema@ is ${names.extschema} and @privschema@ is ${names.privschema}.`,
    },
  );
}

/** As a migration has to write it, so that it fits every installation. */
function withPlaceholders(identity: string, names: Names): string {
  return identity.replaceAll(/\b([a-z_][a-z0-9_]*)\./g, (qualifier, schema: string) => {
    if (schema === names.privschema) return '@privschema@.';
    return schema === names.extschema ? '@extschema@.' : qualifier;
  });
}
