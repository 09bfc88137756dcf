// Which sequences share a run of the graph. A run is a rectangle, each slot as wide as the widest, so a long sequence among
// short ones makes all pay for its padding; a run of its own makes it read all weights once more.
//
// Widths are tokens that a slot has room for. Everything is counted in tokens of a slot's width: one costs 0.0062 ms of a step
// of the default model in row8 (AMX, one thread), padding or not. A run costs 13.4 ms and each slot 0.8 ms beside it: of 22
// forms, from 1 × 64 (14.6 ms) to 4 × 1,536 (55.7), one is 13 % off the least time measured and the others within 8 %.
//
// So a second run pays where it saves 2,160 tokens of padding: 7 × 128 beside 1 × 1,536, not 7 × 128 beside 1 × 384. Where
// memory is short of that, sequences of very different lengths still run side by side in two runs, which one could not hold.

const COST_OF_RUN = 2160;
const COST_OF_SLOT = 130;
/** How much dearer than the best a division may be and stay: copying 2,048 tokens anew took 70–140 ms, as 20 to 40 such steps. */
const PATIENCE = COST_OF_RUN / 4;

/** Sequences of one run, by their places in the list of widths. */
export interface Group {
  readonly members: readonly number[];
  readonly width: number;
}

/** Tokens that memory is taken for. */
export function tokensOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { members, width }) => sum + members.length * width, 0);
}

function costOf(groups: readonly Group[]): number {
  const slots = groups.reduce((sum, { members }) => sum + members.length, 0);
  return COST_OF_RUN * groups.length + COST_OF_SLOT * slots + tokensOf(groups);
}

/** The cheapest groups that take no more than `budget` tokens; undefined where even a run for each takes more. */
export function divide(widths: readonly number[], budget: number): readonly Group[] | undefined {
  const order = [...widths.keys()].sort((a, b) => widths[a]! - widths[b]!);
  const most = order.length;
  // The fewest tokens of the narrowest 0, 1, 2 … sequences in so many runs; one more run each time round.
  let fewest = order.reduce((sums) => [...sums, Number.POSITIVE_INFINITY], [0]);
  const cuts: number[][] = [];
  let best: { readonly cost: number; readonly runs: number } | undefined;
  for (let runs = 1; runs <= most && !(best && COST_OF_RUN * runs >= best.cost); runs++) {
    const [next, cut] = oneRunMore(fewest, (last) => widths[order[last]!]!);
    fewest = next;
    cuts.push(cut);
    const tokens = fewest[most]!;
    const cost = COST_OF_RUN * runs + tokens;
    if (tokens <= budget && !(best && best.cost <= cost)) best = { cost, runs };
  }
  if (!best) return most === 0 ? [] : undefined;
  const groups: Group[] = [];
  for (let runs = best.runs, end = most; runs > 0; runs--) {
    const first = cuts[runs - 1]![end]!;
    groups.unshift({ members: order.slice(first, end), width: widths[order[end - 1]!]! });
    end = first;
  }
  return groups;
}

/** For each number of sequences: the fewest tokens with one run more, and where that run begins. */
function oneRunMore(fewest: readonly number[], widthOf: (sequence: number) => number): [number[], number[]] {
  const next = fewest.map(() => Number.POSITIVE_INFINITY);
  const cut = fewest.map(() => 0);
  for (let end = 1; end < fewest.length; end++) {
    for (let first = 0; first < end; first++) {
      const tokens = fewest[first]! + (end - first) * widthOf(end - 1);
      if (tokens < next[end]!) [next[end], cut[end]] = [tokens, first];
    }
  }
  return [next, cut];
}

/**
 * The groups to go on with: those that there are, as wide as their members need by now, while that is hardly dearer than the
 * best division. Who is in none of them joins the one where that costs least, or begins one.
 */
export function regroup(
  present: readonly Group[],
  widths: readonly number[],
  budget: number,
): readonly Group[] | undefined {
  const best = divide(widths, budget);
  if (!best) return undefined;
  const widen = ({ members, width }: Group): Group => ({
    members,
    width: Math.max(width, ...members.map((member) => widths[member]!)),
  });
  let groups = present.map(widen);
  for (const member of widths.keys()) {
    if (groups.some(({ members }) => members.includes(member))) continue;
    const joined = groups.map((group, i) => groups.with(i, widen({ ...group, members: [...group.members, member] })));
    const ways = [...joined, [...groups, { members: [member], width: widths[member]! }]];
    groups = ways.reduce((least, way) => (costOf(way) < costOf(least) ? way : least));
  }
  return tokensOf(groups) <= budget && costOf(groups) <= costOf(best) + PATIENCE ? groups : best;
}

/**
 * Whether one more sequence may run beside others. What fits into one run may. A run of its own is worth while where the step
 * then gives more tokens a time; for one of half the memory or more it costs no more than later, when hardly anybody could
 * share its run either. Others had better wait for a place: 384
 * beside 640, 512 and 256, where memory of 2,048 forces it into a second run, makes a step give an eighth fewer tokens a ms.
 */
export function mayJoin(widths: readonly number[], coming: number, budget: number): boolean {
  const all = [...widths, coming];
  if (all.length * Math.max(...all) <= budget) return true;
  const together = divide(all, budget);
  const before = divide(widths, budget);
  if (!together || !before) return false;
  return 2 * coming >= budget || all.length / costOf(together) >= widths.length / costOf(before);
}
