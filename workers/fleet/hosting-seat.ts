// A seat whose models are in no process of their own: it neither starts nor dies.

import type { ModelHost } from '../handlers/handler.ts';
import type { Seat } from './seat.ts';

export abstract class HostingSeat implements Seat {
  readonly #hosts: ReadonlyMap<string, ModelHost>;
  load = 0;

  constructor(hosts: readonly ModelHost[]) {
    this.#hosts = new Map(hosts.map((host) => [host.model.name, host]));
  }

  /** Whether its models are there just now. */
  protected abstract readonly isThere: boolean;

  abstract cancel(attemptId: string): void;
  abstract close(): Promise<void>;

  host(model: string): ModelHost | undefined {
    return this.isThere ? this.#hosts.get(model) : undefined;
  }

  get models(): ModelHost['model'][] {
    return this.isThere ? [...this.#hosts.values()].map(({ model }) => model) : [];
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
}
