// Which open models make room for one that is to be opened, and when: a policy without a clock.
//
// Those that were used least recently go first, and what has nothing to do before what has. A model with work is not cut off: it
// gets no new work, ends what it has, and goes. Before that it has taken new work for four times as long as it took to open. So,
// where two models do not fit together and both always have work, a fifth of the time at most goes into opening them: one of
// 1 s each serves for 4 s and longer, and the other waits for 5 s and the end of what runs. One that has nothing to do goes
// sooner, after a quarter of the time that it took to open: whoever sends one request after the other leaves a gap of some ms
// between them, and one who has no more to send keeps the others waiting for 0.25 s of 1.25. Who waits is served in the order in which the first request for each model
// came, so the wait is bounded by the models before it, each with its stay and its longest piece of work.

const STAY = 4;
const REST = 1 / 4;

export interface OpenModel {
  readonly bytes: number;
  /** Calls that it has. */
  readonly running: number;
  /** Rises with every call of any model: the number of the last that it got. */
  readonly lastUsed: number;
  /** From when on, in ms, it may be told to take no new work. */
  readonly staysUntil: number;
  /** With nothing to do it may go sooner, from here on. */
  readonly restsUntil: number;
}

export interface Switch<Model> {
  /** To be closed now. Empty while others have to end their work first: until then they all can be used. */
  readonly close: readonly Model[];
  /** They get no new work. */
  readonly leaving: readonly Model[];
  /** In how many ms to ask again if nothing happens before; undefined when something has to. */
  readonly waitMs: number | undefined;
}

export function staysUntil(openedAt: number, openMs: number): number {
  return openedAt + STAY * openMs;
}

export function restsUntil(endedAt: number, openMs: number): number {
  return endedAt + REST * openMs;
}

/** What has nothing to do first, and of that what was used least recently. */
export function byLastUse(a: OpenModel, b: OpenModel): number {
  return Number(a.running > 0) - Number(b.running > 0) || a.lastUsed - b.lastUsed;
}

/** For one of `bytes`. Where even all of them leave too little room, they all go. */
export function switchFor<Model extends OpenModel>(
  bytes: number,
  open: readonly Model[],
  limit: number,
  now: number,
): Switch<Model> {
  const byUse = open.toSorted(byLastUse);
  let room = limit - open.reduce((sum, model) => sum + model.bytes, 0);
  const chosen: Model[] = [];
  for (const model of byUse) {
    if (room >= bytes) break;
    chosen.push(model);
    room += model.bytes;
  }
  const stays = (model: Model) => (model.running > 0 ? model.staysUntil : Math.min(model.staysUntil, model.restsUntil));
  const staying = chosen.map(stays).filter((until) => until > now);
  const leaving = chosen.filter((model) => model.running > 0 && stays(model) <= now);
  const waitMs = staying.length === 0 ? undefined : Math.min(...staying) - now;
  return { close: staying.length + leaving.length === 0 ? chosen : [], leaving, waitMs };
}
