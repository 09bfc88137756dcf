// The worker's engines: all models are loaded in each, open or to be opened again, so that every request can go to the one
// with the least to do. Beside them stand an engine for models of the hub and providers, each with models of its own.

import type { EngineBounds, ServedModel } from '../inference/engine.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import type { Provider } from '../inference/provider/providers-file.ts';
import type { OrderAnswer } from '../queue/answer-order.ts';
import type { EngineReport } from '../queue/heartbeat-worker.ts';
import type { FleetOrder } from '../queue/read-orders.ts';
import { EngineSeat } from './engine-seat.ts';
import { FallbackSeat } from './fallback-seat.ts';
import { preload, unload } from './model-orders.ts';
import type { EngineSeatOptions } from './mortal-engine.ts';
import { ProviderSeat } from './provider-seat.ts';
import type { Seat } from './seat.ts';
import type { SeatFigures } from './tally.ts';
import type { Timings } from './timings.ts';

/** One engine beside the others. */
export interface OtherEngine {
  readonly startEngine: EngineSeatOptions['startEngine'];
  /** As those of the others. */
  readonly models: (signal: AbortSignal) => Promise<readonly ModelFolder[]>;
}

export interface EnginePoolOptions extends Omit<EngineSeatOptions, 'models'> {
  readonly engines: number;
  /** Asked over HTTP, each at a seat beside those of the engines. Default none. */
  readonly providers?: readonly Provider[] | undefined;
  /** Names of text models that could not be loaded, and get words that no model made. Default none. */
  readonly fallback?: readonly string[] | undefined;
  /** For models of the hub. Default none. */
  readonly hub?: OtherEngine | undefined;
  /** Checks the folders, and makes anew what is damaged or gone; the signal ends that with the pool. */
  readonly models: (signal: AbortSignal) => Promise<readonly ModelFolder[]>;
  readonly timings: Pick<Timings, 'engineSilenceMs' | 'engineLoadMs' | 'engineStallMs'>;
}

export class EnginePool {
  /** Of the engines that have all models. Where none of them is ready, the worker is of no use. */
  readonly seats: readonly EngineSeat[];
  /** Those of all engines, then those of providers, and of what stands in for models. */
  readonly everySeat: readonly Seat[];
  readonly #options: EnginePoolOptions;
  readonly #hub: readonly EngineSeat[];
  readonly #providers: readonly ProviderSeat[];
  readonly #closing = new AbortController();
  #models: Promise<readonly ModelFolder[]> | null = null;
  #modelsFailed = false;
  /**
   * How often in a row `watch` has found no engine ready. Making a model takes its time and does not count, but for what comes
   * after a try that failed: it may fail for ever, each time after minutes.
   */
  emptyWatches = 0;

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    const models = () => this.#openModels();
    this.seats = Array.from({ length: options.engines }, () => new EngineSeat({ ...options, models }));
    const { hub, providers = [], fallback = [], log, onChange } = options;
    const { signal } = this.#closing;
    const other = hub && { ...options, startEngine: hub.startEngine, models: () => hub.models(signal) };
    this.#hub = other ? [new EngineSeat(other)] : [];
    this.#providers = providers.map((provider) => new ProviderSeat({ provider, log, onChange }));
    const stands = fallback.length > 0 ? [new FallbackSeat(fallback)] : [];
    this.everySeat = [...this.#engineSeats, ...this.#providers, ...stands];
  }

  /** What is watched, replaced and reported is these. */
  get #engineSeats(): readonly EngineSeat[] {
    return [...this.seats, ...this.#hub];
  }

  /** Once for all engines that start together. */
  #openModels(): Promise<readonly ModelFolder[]> {
    this.#models ??= this.#makeModels();
    return this.#models;
  }

  async #makeModels(): Promise<readonly ModelFolder[]> {
    try {
      const models = await this.#options.models(this.#closing.signal);
      this.#modelsFailed = false;
      return models;
    } catch (error) {
      this.#modelsFailed = true;
      throw error;
    } finally {
      this.#models = null;
    }
  }

  /** Resolves when every engine has its models. */
  async start(): Promise<void> {
    await Promise.all(this.#engineSeats.map((seat) => seat.start()));
  }

  /** Models that some engine or provider serves just now. */
  models(): ServedModel[] {
    const byName = new Map(this.everySeat.flatMap((seat) => seat.models).map((model) => [model.name, model]));
    return [...byName.values()];
  }

  /** Whether it is a provider's that is not asked for a while: nothing here can run its requests meanwhile. */
  leavesAlone(name: string): boolean {
    return this.#providers.some((seat) => seat.known(name) !== undefined && seat.host(name) === undefined);
  }

  /** As the last engine that was ready had it: requests of a model may still be here when no engine is. */
  known(name: string): ServedModel | undefined {
    return this.everySeat.map((seat) => seat.known(name)).find((model) => model !== undefined);
  }

  /** Asks every engine how it is, and kills those that are silent, that have work and get nowhere, or whose model was changed. */
  async watch(): Promise<void> {
    const { engineSilenceMs, engineLoadMs, engineStallMs } = this.#options.timings;
    if (this.seats.some((seat) => seat.state === 'ready')) this.emptyWatches = 0;
    else if (this.#models === null || this.#modelsFailed) this.emptyWatches++;
    await Promise.all(
      this.#engineSeats.map(async (seat) => {
        if (seat.state !== 'ready' || seat.closing) return;
        // Weights that cannot be asked about (a network file system that is away) are read before the next engine.
        const changed = await seat.modelsChanged().catch(() => false);
        if (seat.state !== 'ready' || seat.closing) return;
        if (changed) return seat.kill('model changed', 'had a model whose weights were changed on disk');
        // A prompt of a model of the hub is one run, however long it is.
        const silenceMs = this.#hub.includes(seat) ? engineLoadMs : engineSilenceMs;
        const answered = await seat.describe(silenceMs).then(
          () => true,
          () => false,
        );
        // A closing engine answers nothing, and has its own time to end.
        if (seat.state !== 'ready' || seat.closing) return;
        const { openingSince } = seat;
        if (openingSince !== null && performance.now() - openingSince <= engineLoadMs) return;
        if (!answered) return seat.kill('no answer', `gave no answer for ${silenceMs / 1000} s`);
        // Judged after the answer, which tells whether the engine took turns: a long batch or prompt ends nothing for minutes.
        const stalled = performance.now() - seat.lastProgress > engineStallMs;
        if (seat.load > 0 && stalled) seat.kill('no progress', `made no progress for ${engineStallMs / 1000} s`);
      }),
    );
  }

  /** Why an engine that should have come up did not. */
  get startError(): Error | null {
    return this.seats.find((seat) => seat.startError !== null)?.startError ?? null;
  }

  /** Opens or closes models, as an administrator asks for it. */
  async perform({ what, models }: FleetOrder): Promise<OrderAnswer> {
    return await (what === 'preload' ? preload : unload)(this.#engineSeats, models);
  }

  /** Again and again: an engine that starts meanwhile hears of it by the next time. */
  async bound(bounds: EngineBounds): Promise<void> {
    await Promise.all(this.#engineSeats.map((seat) => seat.bound(bounds)));
  }

  report(figuresOf: (seat: Seat) => SeatFigures): EngineReport[] {
    return this.#engineSeats.map((seat) => ({
      pid: seat.pid,
      state: seat.state,
      residentBytes: seat.description?.residentBytes ?? 0,
      running: seat.load,
      restarts: seat.restarts,
      ...figuresOf(seat),
      models: (seat.description?.models ?? []).map(({ name, resident, loadMs, bytes, threads, format, idleMs }) => {
        const since = Math.round(performance.now() - seat.describedAt);
        return { name, resident, loadMs, bytes, threads, format, idleMs: idleMs === null ? null : idleMs + since };
      }),
    }));
  }

  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.everySeat.map((seat) => seat.close(graceMs)));
  }
}
