// What administrators ask of this worker. The rows say it: they are read with each heartbeat, and when a notice hints at one. Anybody
// can send a notice, so they do no more than that, a few times a second at most.

import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineBounds } from '../inference/engine.ts';
import type { Logger } from '../log.ts';
import type { OrderAnswer } from '../queue/answer-order.ts';
import type { FleetOrder, Orders as Read } from '../queue/read-orders.ts';

export interface OrdersOptions {
  readonly log: Logger;
  /** Engines that share the bound of the worker's models. */
  readonly engines: number;
  readonly read: () => Promise<Read>;
  readonly answer: (orderId: string, answer: OrderAnswer) => Promise<void>;
  readonly bound: (bounds: EngineBounds) => Promise<void>;
  readonly perform: (order: FleetOrder) => Promise<OrderAnswer>;
  /** Tells the database how the models are now. */
  readonly beat: () => Promise<void>;
  readonly pauseMs?: number;
}

export class Orders {
  readonly #options: OrdersOptions;
  /** By id: what is under way, or waits for that. */
  readonly #performing = new Set<string>();
  /** One comes after the other: what was asked last holds. */
  #last: Promise<void> = Promise.resolve();
  #hinted: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  onControl(payload: string): void {
    if (payload !== 'fleet' || this.#stopped) return;
    this.#again = true;
    this.#hinted ??= this.#lookSoon();
  }

  async look(): Promise<void> {
    const { read, bound, engines } = this.#options;
    const { bounds, orders } = await read();
    const none = Number.POSITIVE_INFINITY;
    const modelBytes = Math.min(bounds.engine_models ?? none, (bounds.worker_models ?? none) / engines);
    await bound({ modelBytes, requestBytes: bounds.request ?? none });
    for (const order of orders) {
      if (this.#stopped || this.#performing.has(order.order_id)) continue;
      this.#performing.add(order.order_id);
      this.#last = this.#last.then(() => this.#perform(order));
    }
  }

  /** What is under way ends with the engines. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#hinted;
  }

  async #lookSoon(): Promise<void> {
    const { log, pauseMs = 200 } = this.#options;
    // Those that come meanwhile are one more.
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await this.look().catch((error) => {
        if (!this.#stopped) log.warn({ err: error }, 'orders not read');
      });
      await sleep(pauseMs);
    }
    this.#hinted = undefined;
  }

  async #perform(order: FleetOrder): Promise<void> {
    const { log, perform, beat, answer } = this.#options;
    const { order_id: orderId, what, models } = order;
    try {
      if (this.#stopped) return;
      const outcome = await perform(order).catch((error: Error) => ({ done: false, detail: error.message }));
      if (this.#stopped) return;
      log[outcome.done ? 'info' : 'warn']({ orderId, what, models, ...outcome }, 'order answered');
      // Who waits for the answer reads the figures next.
      await beat();
      await answer(orderId, outcome);
    } catch (error) {
      // It is read again, and done again: that changes nothing.
      if (!this.#stopped) log.warn({ err: error, orderId }, 'order not answered');
    } finally {
      this.#performing.delete(orderId);
    }
  }
}
