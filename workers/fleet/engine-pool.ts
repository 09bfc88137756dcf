// The worker's engines: all models are loaded in each, so that every request can go to the one with the least to do.

import type { LoadedModel } from '../inference/engine.ts';
import type { EngineReport } from '../queue/heartbeat-worker.ts';
import { EngineSeat, type EngineSeatOptions } from './engine-seat.ts';
import type { Timings } from './timings.ts';

export interface EnginePoolOptions extends EngineSeatOptions {
  readonly engines: number;
  readonly timings: Pick<Timings, 'engineSilenceMs' | 'engineStallMs'>;
}

export class EnginePool {
  readonly seats: readonly EngineSeat[];
  readonly #options: EnginePoolOptions;

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    this.seats = Array.from({ length: options.engines }, () => new EngineSeat(options));
  }

  /** Resolves when every engine has its models. */
  async start(): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.start()));
  }

  /** Models that some engine serves just now. */
  models(): LoadedModel[] {
    const byName = new Map(this.seats.flatMap((seat) => seat.models).map((model) => [model.name, model]));
    return [...byName.values()];
  }

  /** Asks every engine how it is, and kills those that are silent, or that have work and get nowhere. */
  async watch(): Promise<void> {
    const { engineSilenceMs, engineStallMs } = this.#options.timings;
    await Promise.all(
      this.seats.map(async (seat) => {
        if (seat.state !== 'ready' || seat.closing) return;
        const { pid } = seat;
        const answered = await seat.describe(engineSilenceMs).then(
          () => true,
          () => false,
        );
        // A closing engine answers nothing, and has its own time to end.
        if (seat.state !== 'ready' || seat.closing || seat.pid !== pid) return;
        if (!answered) return seat.kill('no answer', engineSilenceMs);
        // Judged after the answer, which tells whether the engine took turns: a long batch or prompt ends nothing for minutes.
        const stalled = performance.now() - seat.lastProgress > engineStallMs;
        if (seat.load > 0 && stalled) seat.kill('no progress', engineStallMs);
      }),
    );
  }

  report(): EngineReport[] {
    return this.seats.map((seat) => ({
      pid: seat.pid,
      state: seat.state,
      residentBytes: seat.description?.residentBytes ?? 0,
      running: seat.load,
      restarts: seat.restarts,
    }));
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.close(graceMs)));
  }
}
