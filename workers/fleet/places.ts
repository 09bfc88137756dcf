// Which engine each running attempt is in, and how many more each engine takes.

import type { Capacity } from '../handlers/handler.ts';
import type { ClaimedRequest } from '../queue/types.ts';
import type { HeldRequest } from './held-requests.ts';
import type { Seat } from './seat.ts';

/** Requests that share places: of one type and model, the large ones apart from the others. One object for each such lane. */
export interface Lane {
  readonly requestType: string;
  readonly model: string;
  readonly large: boolean;
}

interface Place {
  readonly seat: Seat;
  readonly lane: Lane;
}

/** An engine and how many more of a lane it takes. */
export interface Room {
  readonly seat: Seat;
  readonly room: number;
  readonly load: number;
}

export class Places {
  /** Of a request type in a model. */
  readonly #capacityOf: (requestType: string, model: string) => Capacity;
  /** By type and model, as which a request finds its lane: the others, and the large ones. */
  readonly #lanes = new Map<string, Map<string, readonly [Lane, Lane]>>();
  readonly #taken = new Map<HeldRequest, Place>();
  /** Running attempts that their engine has begun, of request types where that is told. */
  readonly #begun = new Set<HeldRequest>();
  /** Engines in which an attempt had to give way: they take no more until one that they have begun is out. */
  readonly #crowded = new Set<Seat>();
  /** On their way back to the queue. */
  readonly #going = new Set<HeldRequest>();

  constructor(capacityOf: (requestType: string, model: string) => Capacity) {
    this.#capacityOf = capacityOf;
  }

  capacityOf({ requestType, model }: Pick<Lane, 'requestType' | 'model'>): Capacity {
    return this.#capacityOf(requestType, model);
  }

  lane(requestType: string, model: string, large: boolean): Lane {
    const models = this.#lanes.get(requestType) ?? new Map<string, readonly [Lane, Lane]>();
    this.#lanes.set(requestType, models);
    let lanes = models.get(model);
    if (lanes === undefined) {
      lanes = [
        { requestType, model, large: false },
        { requestType, model, large: true },
      ];
      models.set(model, lanes);
    }
    return lanes[large ? 1 : 0];
  }

  laneOf(request: ClaimedRequest): Lane {
    const { requestType, model, inputTokens } = request;
    const { large } = this.capacityOf(request);
    return this.lane(requestType, model, inputTokens > (large?.above ?? Number.POSITIVE_INFINITY));
  }

  take(held: HeldRequest, seat: Seat, lane: Lane): void {
    this.#taken.set(held, { seat, lane });
  }

  seatOf(held: HeldRequest): Seat | undefined {
    return this.#taken.get(held)?.seat;
  }

  in(seat: Seat): HeldRequest[] {
    return this.#inLanes(seat, () => true);
  }

  /** It is out of its engine, which has memory again if it was begun; what waited there took none. */
  leave(held: HeldRequest): void {
    const seat = this.seatOf(held);
    if (seat === undefined) return;
    this.#taken.delete(held);
    this.#going.delete(held);
    const hadMemory = this.#begun.delete(held);
    if (!this.#crowded.has(seat)) return;
    if (hadMemory || !this.in(seat).some((its) => this.#begun.has(its))) this.#crowded.delete(seat);
  }

  /** False for one that has left meanwhile. */
  begin(held: HeldRequest): boolean {
    if (!this.#taken.has(held)) return false;
    this.#begun.add(held);
    return true;
  }

  /** Its engine had no more memory for it, and it waits again. Gives the newest of those there where more wait now than should. */
  giveWay(held: HeldRequest): HeldRequest | undefined {
    const place = this.#taken.get(held);
    if (place === undefined) return undefined;
    const { seat, lane } = place;
    this.#begun.delete(held);
    this.#crowded.add(seat);
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
  close(seat: Seat): void {
    for (const held of this.in(seat)) this.leave(held);
  }

  /** What no engine has begun, of request types where that is told. */
  get notBegun(): HeldRequest[] {
    const told = ({ request }: HeldRequest) => this.capacityOf(request).unbegun !== undefined;
    return [...this.#taken.keys()].filter((held) => held.state === 'running' && told(held) && !this.#begun.has(held));
  }

  rooms(lane: Lane, seats: readonly Seat[]): Room[] {
    return seats.map((seat) => ({ seat, room: this.#room(seat, lane), load: seat.load }));
  }

  #room(seat: Seat, lane: Lane): number {
    const { perEngine, unbegun, large } = this.capacityOf(lane);
    const isLike = (its: Lane) => its.requestType === lane.requestType && its.model === lane.model;
    const alike = this.#inLanes(seat, isLike);
    const free = [perEngine - alike.length];
    if (lane.large) {
      const asLarge = this.#inLanes(seat, (its) => isLike(its) && its.large);
      free.push(large!.perEngine - asLarge.length);
    }
    if (unbegun !== undefined) free.push(this.#crowded.has(seat) ? 0 : unbegun - this.#unbegun(seat, lane).length);
    return Math.max(0, Math.min(...free));
  }

  #unbegun(seat: Seat, { requestType, model, large }: Lane): HeldRequest[] {
    const alike = this.#inLanes(
      seat,
      (its) => its.requestType === requestType && its.model === model && its.large === large,
    );
    return alike.filter((held) => !this.#begun.has(held));
  }

  #inLanes(seat: Seat, which: (lane: Lane) => boolean): HeldRequest[] {
    const inIt: HeldRequest[] = [];
    for (const [held, place] of this.#taken) if (place.seat === seat && which(place.lane)) inIt.push(held);
    return inIt;
  }
}
