// A provider's place beside the engines: its models are there but for the while in which it is left alone. It neither starts
// nor dies: one that is away holds up no worker, and what it is asked ends by its time-out.

import { providerOrigin } from '../handlers/receipt.ts';
import { ProviderEngine } from '../inference/provider/provider-engine.ts';
import type { Provider } from '../inference/provider/providers-file.ts';
import type { Logger } from '../log.ts';
import { HostingSeat } from './hosting-seat.ts';

export interface ProviderSeatOptions {
  readonly provider: Provider;
  readonly log: Logger;
  /** Called when its models are gone for a while, and when they are there again. */
  readonly onChange: () => void;
}

export class ProviderSeat extends HostingSeat {
  readonly #engine: ProviderEngine;

  constructor({ provider, log, onChange }: ProviderSeatOptions) {
    const about = { provider: provider.name };
    const engine = new ProviderEngine({
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
    super(engine.models.map((model) => ({ engine, model, origin: providerOrigin(provider.name, model) })));
    this.#engine = engine;
  }

  protected get isThere(): boolean {
    return !this.#engine.resting;
  }

  cancel(attemptId: string): void {
    this.#engine.cancel(attemptId);
  }

  /** Calls have nothing to finish: what they bring would be thrown away. */
  async close(): Promise<void> {
    this.#engine.close();
  }
}
