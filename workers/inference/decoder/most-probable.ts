// The tokens that top-k and top-p leave to draw from: first the k most probable ones, then of those as few as together have
// the probability p. The order is that of probability, of equal ones the lowest id first, and sums are taken in it, so what
// is left is a function of the logits alone.

export interface Probable {
  readonly ids: readonly number[];
  /** Not normalised: the best has 1. */
  readonly weights: readonly number[];
  readonly total: number;
}

/** How far below the best logit is looked, one after the other until it is enough: to sort a whole vocabulary takes 20 ms. */
const WINDOWS = [4, 16, 64, Number.POSITIVE_INFINITY] as const;

/** `topK` 0 and `topP` 1 leave all. */
export function mostProbable(logits: Float32Array, temperature: number, topK: number, topP: number): Probable {
  const top = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const weightOf = (id: number) => Math.exp((logits[id]! - top) / temperature);
  const most = topK === 0 ? logits.length : Math.min(topK, logits.length);
  const all = topK === 0 ? sumOfAll(logits, top, temperature) : undefined;
  for (const window of WINDOWS) {
    // The first of those that are not far below are the first of all.
    const ids = orderedFrom(logits, top - window).slice(0, most);
    const last = ids.length === most || window === Number.POSITIVE_INFINITY;
    if (!last && (topK > 0 || topP === 1)) continue;
    const weights = ids.map(weightOf);
    const count = topP === 1 ? undefined : countOf(weights, topP * (all ?? sum(weights)));
    if (count === undefined && !last) continue;
    const kept = weights.slice(0, count ?? weights.length);
    return { ids: ids.slice(0, kept.length), weights: kept, total: sum(kept) };
  }
  throw new Error('expected the last window to hold all logits, but it did not');
}

/** Ids of the logits that are not below `least`, the highest first, of equal ones the lowest id; never of those at −∞. */
function orderedFrom(logits: Float32Array, least: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++)
    if (logits[id]! >= least && logits[id]! > Number.NEGATIVE_INFINITY) ids.push(id);
  return ids.sort((a, b) => logits[b]! - logits[a]! || a - b);
}

/** How many of the first reach the sum; undefined when all together do not. */
function countOf(weights: readonly number[], wanted: number): number | undefined {
  let reached = 0;
  for (const [i, weight] of weights.entries()) {
    reached += weight;
    if (reached >= wanted) return i + 1;
  }
  return undefined;
}

/** In the order of ids. */
function sumOfAll(logits: Float32Array, top: number, temperature: number): number {
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += Math.exp((logits[id]! - top) / temperature);
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
