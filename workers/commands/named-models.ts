// The models that a command line names.

import { SteadyTextError } from '../errors.ts';
import type { ManifestEntry } from '../inference/store/manifest.ts';

/** Each once. Throws InvalidOption with all names that no manifest has. */
export function namedModels(names: readonly string[], entries: readonly ManifestEntry[]): ManifestEntry[] {
  const wanted = [...new Set(names)];
  const found = wanted.flatMap((name) => entries.find((entry) => entry.name === name) ?? []);
  if (found.length === wanted.length) return found;
  const wrong = wanted.filter((name) => !found.some((entry) => entry.name === name));
  const known = entries.map(({ name }) => name).join(', ');
  throw new SteadyTextError(
    'InvalidOption',
    `Expected models of the manifest (${known}), got ${wrong.map((name) => JSON.stringify(name)).join(', ')}`,
    { hint: '`steadytext models list` prints them; `steadytext models add` brings another one (docs/models.md).' },
  );
}
