// Which number format a model of the store is taken in here, and why.

import type { Logger } from '../log.ts';
import { chooseFormatOf, type NumberFormat } from './choose-format.ts';
import { readChoice } from './store/choices.ts';
import { isReadyMadeEntry, type ManifestEntry, modelDigest } from './store/manifest.ts';

/** What was asked for; else what `models bench` recorded for this class of CPU; else what the table gives it. */
export function formatOfModel(
  root: string,
  entry: ManifestEntry,
  wanted: NumberFormat | 'auto',
  log?: Logger,
): NumberFormat {
  // A graph has its own numbers, whatever is taken.
  if (isReadyMadeEntry(entry)) return chooseFormatOf(entry.kind, wanted);
  const recorded = wanted === 'auto' ? readChoice(root, modelDigest(entry), log) : undefined;
  const format = recorded ?? chooseFormatOf(entry.kind, wanted);
  const why = recorded ? 'measured' : wanted === 'auto' ? 'cpu' : 'set';
  log?.info({ model: entry.name, format, why }, 'model.format_chosen');
  return format;
}
