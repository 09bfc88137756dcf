// Which engines get how many of the waiting requests, and how many run one by itself.

export interface EngineRoom {
  /** Requests it can still take. */
  readonly room: number;
  /** Requests it has. */
  readonly load: number;
}

export interface Share {
  /** Index of the engine in the list given. */
  readonly engine: number;
  readonly count: number;
}

/**
 * Each waiting request goes to the engine that has the least to do, then what an engine got is cut into calls.
 * 40 waiting, two idle engines, 32 a call: 20 and 20 (not 32 and 8). 4 waiting, loads 0 and 3: 3 or 4 to the first.
 */
export function shareOut(waiting: number, engines: readonly EngineRoom[], perCall: number): Share[] {
  const given = engines.map(() => 0);
  for (let left = waiting; left > 0; left--) {
    let best = -1;
    for (let i = 0; i < engines.length; i++) {
      if (given[i]! >= engines[i]!.room) continue;
      if (best < 0 || engines[i]!.load + given[i]! < engines[best]!.load + given[best]!) best = i;
    }
    if (best < 0) break;
    given[best]!++;
  }
  return given.flatMap((count, engine) => {
    const calls: Share[] = [];
    for (let rest = count; rest > 0; rest -= perCall) calls.push({ engine, count: Math.min(rest, perCall) });
    return calls;
  });
}

/**
 * Engines that may be kept for requests that must run alone: what was in an engine that died is mostly innocent and should
 * not wait in one line, and the others must go on. 1 or 2 engines: 1; 3 or 4: 2; 8: 4.
 */
export function mostAlone(engines: number): number {
  return Math.ceil(engines / 2);
}
