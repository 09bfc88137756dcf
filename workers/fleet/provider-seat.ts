// A provider's place beside the engines: its models are there but for the while in which it is left alone. It neither starts
// nor dies: one that is away holds up no worker, and what it is asked ends by its time-out.

import type { ModelHost } from '../handlers/handler.ts';
import { providerOrigin } from '../handlers/receipt.ts';
import { ProviderEngine } from '../inference/provider/provider-engine.ts';
import type { Provider } from '../inference/provider/providers-file.ts';
import type { Logger } from '../log.ts';
import type { Seat } from './seat.ts';

export interface ProviderSeatOptions {
  readonly provider: Provider;
  readonly log: Logger;
  /** Called when its models are gone for a while, and when they are there again. */
  readonly onChange: () => void;
}

export class ProviderSeat implements Seat {
  readonly #engine: ProviderEngine;
  readonly #hosts: ReadonlyMap<string, ModelHost>;
  load = 0;

  constructor({ provider, log, onChange }: ProviderSeatOptions) {
    const about = { provider: provider.name };
    this.#engine = new ProviderEngine({
      provider,
      onRest: (restMs, reason) => {
        log.warn({ ...about, reason, restMs }, 'provider left alone');
        onChange();
      },
      onRestOver: () => {
        log.info(about, 'provider asked again');
        onChange();
      },
    });
    const hosts = this.#engine.models.map((model) => {
      const host: ModelHost = { engine: this.#engine, model, origin: providerOrigin(provider.name, model) };
      return [model.name, host] as const;
    });
    this.#hosts = new Map(hosts);
  }

  host(model: string): ModelHost | undefined {
    return this.#engine.resting ? undefined : this.#hosts.get(model);
  }

  get models(): ModelHost['model'][] {
    return this.#engine.resting ? [] : [...this.#hosts.values()].map(({ model }) => model);
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

  cancel(attemptId: string): void {
    this.#engine.cancel(attemptId);
  }

  /** Calls have nothing to finish: what they bring would be thrown away. */
  async close(): Promise<void> {
    this.#engine.close();
  }
}
