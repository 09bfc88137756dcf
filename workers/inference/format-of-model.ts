// Which number format a model of the store is taken in here, and why.

import type { Logger } from '../log.ts';
import { chooseFormatOf, type NumberFormat } from './choose-format.ts';
import { readChoice } from './store/choices.ts';
import { isReadyMadeEntry, type ManifestEntry, modelDigest } from './store/manifest.ts';

export interface ChosenFormat {
  readonly format: NumberFormat;
  /** set: asked for. measured: recorded for this class of CPU. cpu: by the table. own: of a graph, whatever is asked for. */
  readonly why: 'set' | 'measured' | 'cpu' | 'own';
}

/** What was asked for; else what was measured and recorded for this class of CPU; else what the table gives it. */
export function formatOfModel(
  root: string,
  entry: ManifestEntry,
  wanted: NumberFormat | 'auto',
  log?: Logger,
): ChosenFormat {
  if (isReadyMadeEntry(entry)) return { format: 'own', why: 'own' };
  const chosen = choose(root, entry, wanted, log);
  log?.info({ model: entry.name, ...chosen }, 'model.format_chosen');
  return chosen;
}

function choose(root: string, entry: ManifestEntry, wanted: NumberFormat | 'auto', log?: Logger): ChosenFormat {
  if (wanted !== 'auto') return { format: wanted, why: 'set' };
  const recorded = readChoice(root, modelDigest(entry), log);
  if (recorded !== undefined) return { format: recorded, why: 'measured' };
  return { format: chooseFormatOf(entry.kind, wanted), why: 'cpu' };
}
