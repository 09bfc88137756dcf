// Objects in our schemas that no file describes: left by a removed file or an old signature, or made in a migration. No I/O.
import { SteadyTextError } from '../../errors.ts';
import type { Inventory } from './inventory.ts';
import type { RecordedFile } from './ledger.ts';
import type { Names } from './names.ts';

/** The present as recorded before this run and after it; the inventory as it was found and as it is now. */
export interface Change {
  readonly before: readonly RecordedFile[];
  readonly after: readonly RecordedFile[];
  readonly found: Inventory;
  readonly now: Inventory;
}

export function findOrphans({ before, after, found, now }: Change): string[] {
  const described = new Set(after.flatMap(({ objects }) => objects));
  const onceOurs = new Set(before.flatMap(({ objects }) => objects));
  return (
    [...now.values()]
      .filter(({ identity }) => !described.has(identity))
      // The administrator may add policies to our tables: those we never made and that were there before are not ours.
      .filter(({ kind, identity }) => kind !== 'policy' || onceOurs.has(identity) || !found.has(identity))
      .map(({ identity }) => identity)
  );
}

export function assertNoOrphans(change: Change, names: Names): void {
  const orphans = findOrphans(change);
  if (orphans.length === 0) return;
  const drops = orphans.map((identity) => `drop ${withPlaceholders(identity, names)};`);
  throw new SteadyTextError(
    'OrphanObjects',
    `Every object in the schemas should have a file below sql/, but ${orphans.length === 1 ? 'this has' : 'these have'} none: ${orphans.join(', ')}`,
    {
      hint: `Add a file for it, or drop it in a new migration:\n${drops.join('\n')}`,
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
