// The number of texts a call with which transformers.js is fastest here, found by trying: its strongest form is what counts.

import type { Report } from '../report.ts';
import type { Feeding, Transformers } from './transformers.ts';

const BATCHES = [4, 8, 16, 32] as const;
const TRIES = 2;

/** Texts sorted by length. `rate` gives texts a second; of two tries the faster one counts, so that a disturbed one does not choose. */
export async function bestBatch(
  report: Report,
  { name }: Transformers,
  rate: (feeding: Feeding) => Promise<number>,
): Promise<Feeding> {
  const best = new Map(BATCHES.map((batch) => [batch as number, 0]));
  for (let round = 0; round < TRIES; round++) {
    for (const batch of BATCHES) best.set(batch, Math.max(best.get(batch)!, await rate({ batch, sorted: true })));
  }
  const { batch } = fastest(best);
  const tried = [...best].map(([each, speed]) => `${each}: ${speed.toFixed(0)}`).join(', ');
  report.tell(`${name}, sorted by length, texts/s by texts a call: ${tried}; ${batch} is taken`, {
    what: 'best batch',
    rival: name,
    tried: Object.fromEntries(best),
    batch,
  });
  return { batch, sorted: true };
}

/** Of equal speeds the smaller batch. */
export function fastest(speeds: ReadonlyMap<number, number>): { readonly batch: number; readonly speed: number } {
  const [first, ...others] = [...speeds].map(([batch, speed]) => ({ batch, speed }));
  return others.reduce((best, each) => (each.speed > best.speed ? each : best), first!);
}
