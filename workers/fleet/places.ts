// Which engine each running attempt is in, and how many more each engine takes.

import type { Capacity } from '../handlers/handler.ts';
import type { ClaimedRequest } from '../queue/types.ts';
import type { EngineSeat } from './engine-seat.ts';
import type { HeldRequest } from './held-requests.ts';

/** Requests that share places: of one type and model, the large ones apart from the others. */
export interface Lane {
  readonly requestType: string;
  readonly model: string;
  readonly large: boolean;
}

/** An engine and how many more of a lane it takes. */
export interface Room {
  readonly seat: EngineSeat;
  readonly room: number;
  readonly load: number;
}

export class Places {
  /** Of a request type in a model. */
  readonly #capacityOf: (requestType: string, model: string) => Capacity;
  /** Found once: places are looked at whenever anything begins or ends. */
  readonly #lanes = new WeakMap<ClaimedRequest, Lane>();
  readonly #seats = new Map<HeldRequest, EngineSeat>();
  /** Running attempts that their engine has begun, of request types where that is told. */
  readonly #begun = new Set<HeldRequest>();
  /** Engines in which an attempt had to give way: they take no more until one that they have begun is out. */
  readonly #crowded = new Set<EngineSeat>();
  /** On their way back to the queue. */
  readonly #going = new Set<HeldRequest>();

  constructor(capacityOf: (requestType: string, model: string) => Capacity) {
    this.#capacityOf = capacityOf;
  }

  capacityOf({ requestType, model }: Pick<Lane, 'requestType' | 'model'>): Capacity {
    return this.#capacityOf(requestType, model);
  }

  laneOf(request: ClaimedRequest): Lane {
    const known = this.#lanes.get(request);
    if (known !== undefined) return known;
    const { requestType, model, inputTokens } = request;
    const { large } = this.capacityOf(request);
    const lane = { requestType, model, large: inputTokens > (large?.above ?? Number.POSITIVE_INFINITY) };
    this.#lanes.set(request, lane);
    return lane;
  }

  take(held: HeldRequest, seat: EngineSeat): void {
    this.#seats.set(held, seat);
  }

  seatOf(held: HeldRequest): EngineSeat | undefined {
    return this.#seats.get(held);
  }

  in(seat: EngineSeat): HeldRequest[] {
    return [...this.#seats].filter(([, its]) => its === seat).map(([held]) => held);
  }

  /** It is out of its engine, which has memory again if it was begun; what waited there took none. */
  leave(held: HeldRequest): void {
    const seat = this.#seats.get(held);
    if (seat === undefined) return;
    this.#seats.delete(held);
    this.#going.delete(held);
    const hadMemory = this.#begun.delete(held);
    if (!this.#crowded.has(seat)) return;
    if (hadMemory || !this.in(seat).some((its) => this.#begun.has(its))) this.#crowded.delete(seat);
  }

  /** False for one that has left meanwhile. */
  begin(held: HeldRequest): boolean {
    if (!this.#seats.has(held)) return false;
    this.#begun.add(held);
    return true;
  }

  /** Its engine had no more memory for it, and it waits again. Gives the newest of those there where more wait now than should. */
  giveWay(held: HeldRequest): HeldRequest | undefined {
    const seat = this.#seats.get(held);
    if (seat === undefined) return undefined;
    this.#begun.delete(held);
    this.#crowded.add(seat);
    const lane = this.laneOf(held.request);
    const waiting = this.#unbegun(seat, lane).filter((its) => !this.#going.has(its));
    if (waiting.length <= (this.capacityOf(lane).unbegun ?? waiting.length)) return undefined;
    const newest = waiting.at(-1)!;
    this.#going.add(newest);
    return newest;
  }

  /** It could not be given back. */
  stay(held: HeldRequest): void {
    this.#going.delete(held);
  }

  /** The engine is gone. */
  close(seat: EngineSeat): void {
    for (const held of this.in(seat)) this.leave(held);
  }

  /** What no engine has begun, of request types where that is told. */
  get notBegun(): HeldRequest[] {
    const told = ({ request }: HeldRequest) => this.capacityOf(request).unbegun !== undefined;
    return [...this.#seats.keys()].filter((held) => held.state === 'running' && told(held) && !this.#begun.has(held));
  }

  rooms(lane: Lane, seats: readonly EngineSeat[]): Room[] {
    return seats.map((seat) => ({ seat, room: this.#room(seat, lane), load: seat.load }));
  }

  #room(seat: EngineSeat, lane: Lane): number {
    const { perEngine, unbegun, large } = this.capacityOf(lane);
    const inIt = this.in(seat).filter(({ request }) => request.requestType === lane.requestType);
    const free = [perEngine - inIt.length];
    if (lane.large) free.push(large!.perEngine - inIt.filter(({ request }) => this.laneOf(request).large).length);
    if (unbegun !== undefined) free.push(this.#crowded.has(seat) ? 0 : unbegun - this.#unbegun(seat, lane).length);
    return Math.max(0, Math.min(...free));
  }

  #unbegun(seat: EngineSeat, { requestType, large }: Lane): HeldRequest[] {
    return this.in(seat).filter((held) => {
      const its = this.laneOf(held.request);
      return its.requestType === requestType && its.large === large && !this.#begun.has(held);
    });
  }
}
