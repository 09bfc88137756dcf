// The place of text models that could not be loaded, where a fallback is asked for: their requests get words that no model made,
// and receipts that say so.

import type { ModelHost } from '../handlers/handler.ts';
import { fallbackOrigin } from '../handlers/receipt.ts';
import { fallbackEngine, fallbackModel } from '../inference/fallback/fallback-engine.ts';
import type { Seat } from './seat.ts';

export class FallbackSeat implements Seat {
  readonly #hosts: ReadonlyMap<string, ModelHost>;
  load = 0;

  constructor(names: readonly string[]) {
    this.#hosts = new Map(
      names.map((name) => [name, { engine: fallbackEngine, model: fallbackModel(name), origin: fallbackOrigin(name) }]),
    );
  }

  host(model: string): ModelHost | undefined {
    return this.#hosts.get(model);
  }

  get models(): ModelHost['model'][] {
    return [...this.#hosts.values()].map(({ model }) => model);
  }

  known(model: string): ModelHost['model'] | undefined {
    return this.#hosts.get(model)?.model;
  }

  async occupy(count: number, work: () => Promise<void>): Promise<void> {
    this.load += count;
    try {
      await work();
    } finally {
      this.load -= count;
    }
  }

  cancel(): void {}

  async close(): Promise<void> {}
}
