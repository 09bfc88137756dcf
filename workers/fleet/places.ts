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
  readonly #capacities: ReadonlyMap<string, Capacity>;
  readonly #seats = new Map<HeldRequest, EngineSeat>();
  /** Running attempts that their engine has begun, of request types where that is told. */
  readonly #begun = new Set<HeldRequest>();
  /** Engines in which an attempt had to give way: they take no more until one of theirs has ended. */
  readonly #crowded = new Set<EngineSeat>();

  /** On their way back to the queue. */
  readonly #going = new Set<HeldRequest>();

  constructor(capacities: ReadonlyMap<string, Capacity>) {
    this.#capacities = capacities;
  }

  capacityOf(requestType: string): Capacity {
    return this.#capacities.get(requestType)!;
  }

  laneOf({ requestType, model, inputTokens }: ClaimedRequest): Lane {
    const { large } = this.capacityOf(requestType);
    return { requestType, model, large: inputTokens > (large?.above ?? Number.POSITIVE_INFINITY) };
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

  leave(held: HeldRequest): void {
    this.#seats.delete(held);
    this.#begun.delete(held);
    this.#going.delete(held);
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
    if (waiting.length <= (this.capacityOf(lane.requestType).unbegun ?? waiting.length)) return undefined;
    const newest = waiting.at(-1)!;
    this.#going.add(newest);
    return newest;
  }

  /** It could not be given back. */
  stay(held: HeldRequest): void {
    this.#going.delete(held);
  }

  /** An attempt has ended in its engine, which has memory again. */
  relieve(held: HeldRequest): void {
    const seat = this.#seats.get(held);
    if (seat !== undefined) this.#crowded.delete(seat);
  }

  /** The engine is gone. */
  close(seat: EngineSeat): void {
    for (const held of this.in(seat)) this.leave(held);
    this.#crowded.delete(seat);
  }

  /** What no engine has begun, of request types where that is told. */
  get notBegun(): HeldRequest[] {
    const told = ({ request }: HeldRequest) => this.capacityOf(request.requestType).unbegun !== undefined;
    return [...this.#seats.keys()].filter((held) => held.state === 'running' && told(held) && !this.#begun.has(held));
  }

  rooms(lane: Lane, seats: readonly EngineSeat[]): Room[] {
    return seats.map((seat) => ({ seat, room: this.#room(seat, lane), load: seat.load }));
  }

  #room(seat: EngineSeat, lane: Lane): number {
    const { perEngine, unbegun, large } = this.capacityOf(lane.requestType);
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
