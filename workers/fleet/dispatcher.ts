// Brings claimed requests into engines and their outcomes out: parses, routes, batches, and decides what a failure means.

import { isSteadyTextError } from '../errors.ts';
import type { Attempt, Begin, Ending, Handler, ModelHost, Settle, Show } from '../handlers/handler.ts';
import { ProviderResting } from '../inference/provider/provider-failure.ts';
import type { ClaimDemand, ClaimedRequest } from '../queue/types.ts';
import { demandsOf, type Kind } from './demand.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import { endingOf, isOfAll } from './failure-policy.ts';
import { HandOver } from './hand-over.ts';
import type { HeldRequest } from './held-requests.ts';
import { type Lane, Places, type Room } from './places.ts';
import { returnUnsent } from './return-unsent.ts';
import { mostAlone, shareOut } from './routing.ts';
import type { Seat } from './seat.ts';
import { Tally } from './tally.ts';
import { type WaitingAttempt, WaitingRoom } from './waiting-room.ts';

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #places: Places;
  readonly #waiting = new WaitingRoom();
  readonly tally = new Tally();
  readonly #handOver: HandOver;
  /** Engines with a request that must run alone, and those that wait for the end of others to take one: nobody else gets in. */
  readonly #alone = new Set<Seat>();
  #kept: ReadonlySet<Seat> = new Set();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.requestType, handler]));
    this.#handOver = new HandOver({
      ...options,
      isLarge: ({ request }) => this.#places.laneOf(request).large,
      end: (held, ending) => this.#end(held, ending),
    });
    // What is claimed is of a model that an engine had here.
    this.#places = new Places((requestType, model) =>
      this.#handlers.get(requestType)!.capacity(options.config, options.pool.known(model)!),
    );
  }

  /** What there is room for: every type in every model of its kinds, each of which has places of its own. */
  demands(): ClaimDemand[] {
    const { pool, held, handlers } = this.#options;
    const kinds: Kind[] = handlers.flatMap(({ requestType, kinds: able }) => {
      const models = pool.models().filter((model) => able.includes(model.kind));
      return models.map(({ name: model }) => {
        const roomFor = (large: boolean) => {
          const lane = this.#places.lane(requestType, model, large);
          const room = this.#rooms(lane).reduce((sum, { room }) => sum + room, 0);
          return room - this.#waiting.count(lane);
        };
        const { large } = this.#places.capacityOf({ requestType, model });
        return this.#handOver.within({
          ...{ requestType, model, room: roomFor(false), largest: large?.above ?? Number.POSITIVE_INFINITY },
          largeRoom: large === undefined ? 0 : roomFor(true),
        });
      });
    });
    return demandsOf(kinds, held.settling);
  }

  /**
   * How many more isolated requests are claimed: as many as find an engine kept for them or to be kept. What waited beyond
   * that could be run by no engine here and claimed by no other worker.
   */
  isolatedLimit(): number {
    return Math.max(0, mostAlone(this.#ready) - this.#alone.size - this.#waiting.alone.length);
  }

  /** Engines that there are just now: requests are isolated where some have died. */
  get #ready(): number {
    return this.#options.pool.seats.filter(({ state }) => state === 'ready').length;
  }

  accept(requests: readonly ClaimedRequest[]): void {
    for (const request of requests) {
      // Held from a claim before: the database no longer knows of that one.
      const before = this.#options.held.get(request.requestId);
      if (before !== undefined) this.lose(before);
      const held = this.#options.held.add(request);
      try {
        const input = this.#handlers.get(request.requestType)!.parse(request);
        const onCancel = (stop: () => void) => {
          held.stop = stop;
        };
        this.#waiting.add({ id: held.attemptId, input, onCancel, held, lane: this.#places.laneOf(request) });
      } catch (error) {
        this.#end(held, endingOf(error));
      }
    }
    this.dispatch();
  }

  /** Puts as many waiting requests into engines as these have room for. */
  dispatch(): void {
    this.#dispatchAlone();
    for (const { lane, length } of this.#waiting.lines()) {
      if (this.#options.pool.leavesAlone(lane.model))
        this.#returnUnsent(this.#waiting.take(lane, length).map(({ held }) => held));
      const rooms = this.#rooms(lane);
      const perCall = lane.large ? 1 : this.#places.capacityOf(lane).perCall;
      for (const { engine, count } of shareOut(length, rooms, perCall)) {
        void this.#run(rooms[engine]!.seat, this.#waiting.take(lane, count));
      }
    }
  }

  /** The lease has gone: whatever comes of it is thrown away, and its engine stops with the next token or group of texts. */
  lose(held: HeldRequest): void {
    this.#options.held.remove(held);
    if (held.state === 'waiting') {
      this.#waiting.remove(held);
      if (held.request.isolated) this.#freeKept();
    }
    this.#cancel(held);
  }

  #cancel(held: HeldRequest): void {
    this.#places.seatOf(held)?.cancel(held.attemptId);
    held.stop?.();
  }

  /** What is in engines that have not begun it. */
  get notBegun(): HeldRequest[] {
    return this.#places.notBegun;
  }

  /** One that was to run alone is gone: the next dispatch keeps engines for those that are left. */
  #freeKept(): void {
    this.#kept = new Set();
    this.#options.onRoom();
  }

  #rooms(lane: Lane): Room[] {
    const isOpen = (seat: Seat) => !this.#alone.has(seat) && !this.#kept.has(seat);
    const able = this.#options.pool.everySeat.filter((seat) => isOpen(seat) && seat.host(lane.model) !== undefined);
    return this.#places.rooms(lane, able);
  }

  /**
   * Each takes the engine with the least to do, when its last mate has ended. Engines are kept anew each time: the load of a
   * kept one only falls, and another is taken in its place only with less.
   */
  #dispatchAlone(): void {
    const { everySeat } = this.#options.pool;
    const kept = new Set<Seat>();
    for (const next of [...this.#waiting.alone]) {
      if (this.#alone.size + kept.size >= mostAlone(this.#ready)) break;
      const free = everySeat.filter((seat) => !this.#alone.has(seat) && !kept.has(seat));
      const able = free.filter((seat) => seat.host(next.held.request.model) !== undefined);
      const rank = (seat: Seat) => seat.load - (this.#kept.has(seat) ? 0.5 : 0);
      const seat = able.sort((a, b) => rank(a) - rank(b))[0];
      if (seat === undefined) continue;
      if (seat.load > 0) {
        kept.add(seat);
        continue;
      }
      this.#waiting.remove(next.held);
      this.#alone.add(seat);
      void this.#run(seat, [next], () => this.#alone.delete(seat));
    }
    this.#kept = kept;
  }

  async #run(seat: Seat, attempts: readonly WaitingAttempt[], after?: () => void): Promise<void> {
    for (const { held, lane } of attempts) {
      held.state = 'running';
      this.#places.take(held, seat, lane);
      this.tally.begin(held, seat);
    }
    try {
      await seat.occupy(attempts.length, () => this.#call(seat, attempts));
    } catch (error) {
      const all = attempts.map(({ held }) => held);
      if (isSteadyTextError(error, 'EngineDied')) this.#bury(seat, error);
      else if (error instanceof ProviderResting) this.#returnUnsent(all);
      else for (const { held } of attempts) this.#fail(held, error);
    }
    for (const { held } of attempts) this.#places.leave(held);
    this.tally.drop(attempts.map(({ held }) => held));
    after?.();
    this.dispatch();
    this.#options.onRoom();
  }

  async #call(seat: Seat, attempts: readonly WaitingAttempt[], its?: ModelHost): Promise<void> {
    const { requestType, model } = attempts[0]!.held.request;
    // When they run singly it may be gone for a while, and says so itself.
    const host = its ?? seat.host(model)!;
    try {
      const heldOf = (attempt: Attempt<unknown>) => (attempt as WaitingAttempt).held;
      const settle: Settle<unknown> = (attempt, ending) => this.#end(heldOf(attempt), ending);
      const begin: Begin<unknown> = (attempt, begun) =>
        begun ? this.#begin(heldOf(attempt)) : this.#giveWay(heldOf(attempt));
      const show: Show<unknown> = (attempt, piece) => this.#options.onPiece(heldOf(attempt), piece);
      await this.#handlers.get(requestType)!.run(attempts, host, settle, begin, show);
    } catch (error) {
      const left = attempts.filter(({ held }) => held.state === 'running' && this.#options.isWanted(held));
      if (attempts.length === 1 || isOfAll(error)) throw error;
      this.#options.log.warn({ err: error, requestType, requests: left.length }, 'batch failed, running singly');
      for (const attempt of left) {
        await this.#call(seat, [attempt], host).catch((single) => {
          if (isOfAll(single)) throw single;
          this.#fail(attempt.held, single);
        });
      }
    }
  }

  /** The next may come: what waits here, or what a claim brings. Not at once: an engine may begin while we are dispatching. */
  #begin(held: HeldRequest): void {
    if (!this.#places.begin(held)) return;
    queueMicrotask(() => {
      this.dispatch();
      this.#options.onRoom();
    });
  }

  /** Where more wait in the engine than should, the newest goes back: elsewhere it may begin at once, and here it begins anew too. */
  #giveWay(held: HeldRequest): void {
    const surplus = this.#places.giveWay(held);
    if (surplus) void this.#release(surplus);
  }

  async #release(one: HeldRequest): Promise<void> {
    const { release, held, log } = this.#options;
    try {
      if (!(await release([one])).has(one.requestId)) return this.#places.stay(one);
      log.info({ requests: 1 }, 'requests handed back');
      held.remove(one);
      this.#cancel(one);
    } catch (error) {
      log.warn({ err: error, requests: 1 }, 'hand back failed, it waits here');
      this.#places.stay(one);
    }
  }

  /** The first call that a dead engine fails takes all that were in it: only together do they tell whether one was alone. */
  #bury(seat: Seat, error: unknown): void {
    // One that was lost meanwhile still ran in it.
    const inIt = this.#places.in(seat).filter((held) => held.state === 'running');
    this.#places.close(seat);
    const ours = inIt.filter((held) => this.#options.isWanted(held));
    for (const held of ours) this.tally.end(held, endingOf(error));
    if (inIt.length > 1 && ours.length > 0) void this.#handBack(ours, endingOf(error));
    else for (const held of ours) this.#end(held, endingOf(error));
  }

  #fail(held: HeldRequest, error: unknown): void {
    this.#places.leave(held);
    if (isSteadyTextError(error, 'EngineTooSmall')) void this.#handOver.take(held, endingOf(error));
    else this.#end(held, endingOf(error));
  }

  #returnUnsent(some: readonly HeldRequest[]): void {
    void returnUnsent(some, { ...this.#options, end: (held, ending) => this.#end(held, ending) });
  }

  /** They are held until the database has answered; what it did not take has used an attempt. */
  async #handBack(some: readonly HeldRequest[], ending: Ending): Promise<void> {
    const { isolate, held, log } = this.#options;
    const taken = await isolate(some).catch((error) => {
      log.warn({ err: error, requests: some.length }, 'hand back failed, attempts are counted');
      return new Set<string>();
    });
    if (taken.size > 0) log.info({ requests: taken.size }, 'requests handed back');
    for (const one of some) {
      if (taken.has(one.requestId)) held.remove(one);
      else this.#end(one, ending);
    }
  }

  #end(held: HeldRequest, ending: Ending): void {
    if (held.state === 'settling' || !this.#options.isWanted(held)) return;
    this.#options.held.markSettling(held);
    this.tally.end(held, ending);
    this.#options.onEnding(held, ending);
  }
}
