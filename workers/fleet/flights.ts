// One run for requests of a user that are the same and are here together: the first is run, and the others share what comes of it, each
// with its own lease. Stands before the dispatcher, which knows of the first ones alone.

import type { Ending } from '../handlers/handler.ts';
import type { ClaimedRequest } from '../queue/types.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';

export interface FlightsOptions {
  readonly held: HeldRequests;
  /** Whether a model promises the same bytes for the same request. */
  readonly comesAgain: (model: string) => boolean;
  readonly dispatcher: () => {
    accept(requests: readonly ClaimedRequest[]): void;
    lose(held: HeldRequest): void;
  };
  /** Once for each request that ended while it was still ours. */
  readonly settle: (held: HeldRequest, ending: Ending) => void;
}

/** Hands requests back to the queue; gives the ids that it took. */
export type HandBack = (some: readonly HeldRequest[]) => Promise<ReadonlySet<string>>;

interface Flight {
  readonly key: string;
  /** The one that is run. Its lease may have gone while others share it: then it is run for them. */
  readonly first: HeldRequest;
  /** They are in no engine, and take no place. */
  readonly others: Set<HeldRequest>;
}

/** Beyond so many in one worker, those that are the same are run like any others: what is held is bounded. */
const MOST_OTHERS = 1000;

export class Flights {
  readonly #options: FlightsOptions;
  readonly #byKey = new Map<string, Flight>();
  readonly #flights = new Map<HeldRequest, Flight>();
  #others = 0;

  constructor(options: FlightsOptions) {
    this.#options = options;
  }

  accept(requests: readonly ClaimedRequest[]): void {
    const { held } = this.#options;
    const firsts: ClaimedRequest[] = [];
    const opened = new Map<string, ClaimedRequest>();
    const twins: [key: string, request: ClaimedRequest][] = [];
    for (const request of requests) {
      // Held from a claim before: the database no longer knows of that one.
      const before = held.get(request.requestId);
      if (before !== undefined) this.lose(before);
      const key = this.#keyOf(request);
      if (key === undefined) firsts.push(request);
      else if (!this.#byKey.has(key) && !opened.has(key)) {
        opened.set(key, request);
        firsts.push(request);
      } else if (mayShare(request)) twins.push([key, request]);
      else firsts.push(request);
    }
    this.#options.dispatcher().accept(firsts);
    for (const [key, request] of opened) {
      const first = held.get(request.requestId);
      // Not one that was wrong, and has ended.
      if (first !== undefined && first.state !== 'settling') this.#open({ key, first, others: new Set() });
    }
    const late = twins.filter(([key, request]) => !this.#join(key, request));
    if (late.length > 0) this.#options.dispatcher().accept(late.map(([, request]) => request));
  }

  /** Whether what comes of it is somebody's: its own, or of those that share it. */
  isWanted(held: HeldRequest): boolean {
    return this.#options.held.has(held) || (this.#othersOf(held)?.size ?? 0) > 0;
  }

  /** It has ended: so have all that share it, in the same way. */
  end(first: HeldRequest, ending: Ending): void {
    const { held, settle } = this.#options;
    const others = [...(this.#othersOf(first) ?? [])];
    this.#close(first);
    if (held.has(first)) settle(first, ending);
    for (const one of others) {
      held.markSettling(one);
      settle(one, { ...ending, ...(ending.receipt && { receipt: { ...ending.receipt, shared: true } }) });
    }
  }

  /** A lease has gone. Of one that is run for others too the work goes on; else it stops, and with `again` false is not begun for them. */
  lose(lost: HeldRequest, again = true): void {
    const flight = this.#flights.get(lost);
    this.#options.held.remove(lost);
    if (flight === undefined) this.#options.dispatcher().lose(lost);
    else if (lost !== flight.first) {
      this.#leave(flight, lost);
      if (!this.isWanted(flight.first)) this.#stop(flight.first);
    } else if (lost.state !== 'running' || flight.others.size === 0) {
      const others = [...flight.others];
      this.#stop(lost);
      if (again) this.#again(others);
    }
  }

  /** Hands back together what shares a run: it is one piece of work, whatever it does to an engine. */
  together(handBack: HandBack): HandBack {
    return async (some) => {
      const { held } = this.#options;
      const shared = new Map(some.map((first) => [first, [...(this.#othersOf(first) ?? [])]]));
      const taken = await handBack([...some, ...[...shared.values()].flat()]);
      for (const [first, others] of shared) {
        for (const one of others) {
          if (!taken.has(one.requestId)) continue;
          held.remove(one);
          const flight = this.#flights.get(one);
          if (flight !== undefined) this.#leave(flight, one);
        }
        if (taken.has(first.requestId)) {
          const left = [...(this.#othersOf(first) ?? [])];
          this.#close(first);
          this.#again(left);
        } else if (others.length > 0 && !this.isWanted(first)) this.#stop(first);
      }
      return taken;
    };
  }

  /** What changes nothing but the time that it takes: alone, and of models that say the same again. */
  #keyOf({ cacheKey, userId, isolated, model }: ClaimedRequest): string | undefined {
    if (cacheKey === null || isolated || !this.#options.comesAgain(model)) return undefined;
    return `${userId} ${cacheKey}`;
  }

  #othersOf(first: HeldRequest): ReadonlySet<HeldRequest> | undefined {
    const flight = this.#flights.get(first);
    return flight?.first === first ? flight.others : undefined;
  }

  #open(flight: Flight): void {
    this.#byKey.set(flight.key, flight);
    this.#flights.set(flight.first, flight);
  }

  #join(key: string, request: ClaimedRequest): boolean {
    const flight = this.#byKey.get(key);
    if (flight === undefined || this.#others >= MOST_OTHERS) return false;
    // The same text, kept once.
    const one = this.#options.held.add({ ...request, prompt: flight.first.request.prompt });
    flight.others.add(one);
    this.#flights.set(one, flight);
    this.#others++;
    return true;
  }

  #leave(flight: Flight, one: HeldRequest): void {
    if (flight.others.delete(one)) this.#others--;
    this.#flights.delete(one);
  }

  #close(first: HeldRequest): void {
    const flight = this.#flights.get(first);
    if (flight?.first !== first) return;
    for (const one of [...flight.others]) this.#leave(flight, one);
    this.#flights.delete(first);
    if (this.#byKey.get(flight.key) === flight) this.#byKey.delete(flight.key);
  }

  #stop(first: HeldRequest): void {
    this.#close(first);
    this.#options.dispatcher().lose(first);
  }

  /** From its beginning: what they shared will not end. */
  #again(others: readonly HeldRequest[]): void {
    const ours = others.filter((one) => this.#options.held.has(one));
    if (ours.length > 0) this.accept(ours.map(({ request }) => request));
  }
}

/** Not what somebody reads while it is made. */
function mayShare({ params }: ClaimedRequest): boolean {
  return params.stream !== true;
}
