// What is wrong with a model that was to be added, in the words of the place it comes from: of its files' names in the store, from
// which they are gone by then, the user knows nothing, and no manifest pins them.

import { isSteadyTextError, SteadyTextError } from '../../errors.ts';
import type { ModelPlace } from './place.ts';

/** `copies`: where files of the place lie in the store. */
export function inPlace(
  error: unknown,
  place: ModelPlace,
  copies: readonly (readonly [at: string, path: string])[] = [],
): unknown {
  if (!isSteadyTextError(error)) return error;
  const there = (path: string) => place.at?.(path) ?? `${place.label}: ${path}`;
  const message = copies.reduce((text, [at, path]) => text.replaceAll(at, there(path)), error.message);
  const hint = error.name === 'ModelCorrupt' ? damagedHint(place) : error.hint;
  if (message === error.message && hint === error.hint) return error;
  return new SteadyTextError(error.name as never, message, { ...(hint !== undefined && { hint }), cause: error });
}

function damagedHint({ at, label }: ModelPlace): string {
  const what = 'It is cut or damaged, or its files are not of one model.';
  if (at !== undefined)
    return `${what} Copy or download ${label} again, compare size and sha256 with those that its publisher tells, and add it again.`;
  return `${what} Where ${label} offers it so, adding it again is of no use: add another file or revision, or ask its publisher for a whole one.`;
}
