// One place of the engine pool: an engine that is started, loaded, watched, and replaced when it dies or hangs.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isSteadyTextError, SteadyTextError } from '../errors.ts';
import type { ModelHost } from '../handlers/handler.ts';
import { originOf } from '../handlers/receipt.ts';
import { type HeldWeights, holdWeights } from '../inference/convert/folder/held-weights.ts';
import type { Engine, EngineBounds, EngineDescription, ModelChange } from '../inference/engine.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import type { EngineExit } from '../inference/process/engine-process.ts';
import { deathOf, notRunning } from './engine-death.ts';
import { loadAll } from './load-all.ts';
import type { EngineSeatOptions, KillReason, MortalEngine } from './mortal-engine.ts';
import { LIVED_LONG_MS, restartDelay } from './restart-policy.ts';
import type { Seat } from './seat.ts';
import { UntilDeath } from './until-death.ts';

export class EngineSeat implements Seat {
  readonly #options: EngineSeatOptions;
  readonly #closing = new AbortController();
  #engine: MortalEngine | null = null;
  #hosts = new Map<string, ModelHost>();
  /** While an engine is ended for one with its models closed. */
  #renewing: PromiseWithResolvers<void> | undefined;
  /** What the present engine has. */
  #work = { requests: 0 };
  #deaths = 0;
  /** Why the engine is being ended, as the errors of its requests say it. */
  #killed: string | null = null;
  /** Of its models, as they were when it was started. */
  #weights: HeldWeights[] = [];
  #untilDeath = new UntilDeath(new Promise(() => undefined));
  state: 'starting' | 'ready' | 'dead' = 'starting';
  restarts = 0;
  description: EngineDescription | null = null;
  /** performance.now() of the description. */
  describedAt = 0;
  #bounds: EngineBounds | undefined;
  /** Why the last start failed; null after one that did not. */
  startError: Error | null = null;
  /** performance.now() of the last sign of work: something began or ended, or the engine told of turns it had taken. */
  lastProgress = 0;
  /** performance.now() when the engine began to open a model, which it is still at; else null. */
  openingSince: number | null = null;

  constructor(options: EngineSeatOptions) {
    this.#options = options;
  }

  /** Starts the first engine; later ones follow by themselves. Throws what hindered it. */
  async start(): Promise<void> {
    const engine = await this.#startOne();
    void this.#replaceForever(engine);
  }

  host(model: string): ModelHost | undefined {
    return this.state === 'ready' ? this.#hosts.get(model) : undefined;
  }

  get models(): ModelHost['model'][] {
    return this.state === 'ready' ? [...this.#hosts.values()].map((host) => host.model) : [];
  }

  /** A model of this engine, or of the one before it where this one has none yet. */
  known(model: string): ModelHost['model'] | undefined {
    return this.#hosts.get(model)?.model;
  }

  get closing(): boolean {
    return this.#closing.signal.aborted;
  }

  get pid(): number {
    return this.#engine?.pid ?? 0;
  }

  get load(): number {
    return this.#work.requests;
  }

  /** Runs `work` as so many requests; rejects with EngineDied when the engine dies before it ends. */
  async occupy(count: number, work: () => Promise<void>): Promise<void> {
    const its = this.#work;
    const untilDeath = this.#untilDeath;
    its.requests += count;
    this.lastProgress = performance.now();
    try {
      await untilDeath.race(work());
    } catch (error) {
      // The engine's own word of its end may come first; why it was ended is known here.
      throw isSteadyTextError(error, 'EngineDied') ? await untilDeath.died : error;
    } finally {
      this.lastProgress = performance.now();
      // Of the engine that it was in: the next one counts anew.
      its.requests -= count;
    }
  }

  cancel(attemptId: string): void {
    this.#engine?.cancel(attemptId);
  }

  /** `what` the engine did, as the errors of its requests say it. */
  kill(reason: KillReason, what: string): void {
    if (this.#engine === null) return;
    this.#options.log.error({ engine: this.pid, reason }, 'engine killed');
    this.#killed = `${what} and was ended`;
    this.#engine.kill();
  }

  /** Whether weights that the engine has mapped are others by now. */
  async modelsChanged(): Promise<boolean> {
    const changed = await Promise.all(this.#weights.map((weights) => weights.changed()));
    return changed.includes(true);
  }

  /** Asks the engine how it is; rejects when it does not answer in time. */
  async describe(timeoutMs: number): Promise<EngineDescription> {
    const engine = this.#engine;
    if (engine === null || this.state !== 'ready') throw notRunning();
    const waiting = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: waiting.signal, ref: false }).then(async () => {
      // After a pause of the whole machine the timer is read before an answer that has long been there.
      await nextTurn();
      throw new SteadyTextError('EngineDied', `expected an answer from the engine within ${timeoutMs} ms`);
    });
    late.catch(() => undefined);
    try {
      const before = this.description?.turnsTaken;
      const description = await this.#untilDeath.race(engine.describe(), late);
      this.#described(description);
      if (description.turnsTaken !== before) this.lastProgress = performance.now();
      return description;
    } finally {
      waiting.abort();
    }
  }

  /** Asks for something beside requests; rejects with the engine's death. */
  async ask<Output>(what: (engine: Engine) => Promise<Output>): Promise<Output> {
    if (this.#engine === null || this.state !== 'ready') throw notRunning();
    return await this.#untilDeath.race(what(this.#engine));
  }

  /** For this engine and those after it. */
  async bound(bounds: EngineBounds): Promise<void> {
    this.#bounds = bounds;
    if (this.state === 'ready') await this.ask((engine) => engine.bound(bounds)).catch(() => undefined);
  }

  /**
   * Puts another engine in its place that knows the same models and has none open, unless it has work: the system gets back what they
   * took only with the process.
   */
  async renew(): Promise<void> {
    const engine = this.#engine;
    if (engine === null || this.state !== 'ready' || this.load > 0 || this.closing) return;
    this.#renewing = Promise.withResolvers<void>();
    this.state = 'starting';
    engine.close().catch(() => engine.kill());
    await this.#renewing.promise;
  }

  #described(description: EngineDescription): void {
    this.description = description;
    this.describedAt = performance.now();
  }

  /** Lets the engine end by itself for a while, then ends it. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    const engine = this.#engine;
    if (engine !== null) {
      const timer = setTimeout(() => engine.kill(), graceMs);
      if (graceMs <= 0) engine.kill();
      else engine.close().catch(() => engine.kill());
      await engine.exited;
      clearTimeout(timer);
    }
    await this.#hold([]);
  }

  /** Before the engine maps them: what changes from here on is noticed. */
  async #hold(models: readonly ModelFolder[]): Promise<void> {
    const before = this.#weights;
    this.#weights = [];
    await Promise.all(before.map((weights) => weights.close()));
    for (const model of models) this.#weights.push(await holdWeights(model));
  }

  async #startOne(): Promise<MortalEngine> {
    const { startEngine, log } = this.#options;
    this.state = 'starting';
    const models = await this.#options.models();
    await this.#hold(models);
    if (this.#closing.signal.aborted) {
      await this.#hold([]);
      throw new SteadyTextError('EngineDied', 'the worker is ending');
    }
    const engine: MortalEngine = await startEngine((change) => {
      if (this.#engine === engine) this.#heard(change);
    });
    this.#engine = engine;
    this.openingSince = null;
    const untilDeath = new UntilDeath(engine.exited.then((exit) => this.#buried(engine, exit)));
    this.#untilDeath = untilDeath;
    try {
      if (this.#closing.signal.aborted) throw new SteadyTextError('EngineDied', 'the worker is ending');
      const before = this.#renewing ? (this.description?.models ?? []) : [];
      const loaded = await untilDeath.race(loadAll(engine, models, before));
      if (this.#bounds) await untilDeath.race(engine.bound(this.#bounds));
      const description = await untilDeath.race(engine.describe());
      this.#described(description);
      this.#hosts = new Map(
        loaded.map((model) => [model.name, { engine, model, origin: originOf(description, model) }]),
      );
    } catch (error) {
      engine.kill();
      throw error;
    }
    this.state = 'ready';
    this.startError = null;
    const cpuClass = this.description?.cpuClass;
    log.info({ engine: engine.pid, models: [...this.#hosts.keys()], cpuClass }, 'engine ready');
    this.#options.onChange();
    return engine;
  }

  #heard(heard: ModelChange): void {
    const { log } = this.#options;
    const { change, model } = heard;
    const [engine, now] = [this.pid, performance.now()];
    this.lastProgress = now;
    this.openingSince = change === 'opening' ? now : null;
    if (change === 'opened') {
      const { ms, threads, fewerThreads } = heard;
      const why = heard.why === 'load' ? 'start' : 'request';
      log.info({ engine, model, ms, mb: mib(heard.bytes), why, threads, fewerThreads }, 'model loaded');
    } else if (change === 'closed') log.info({ engine, model, mb: mib(heard.bytes) }, 'model unloaded');
    // Damaged or gone from the disk since, or memory has run out: before the next engine its files are looked at and made anew.
    else if (change === 'not opened' && heard.why === 'call')
      this.kill('model not opened', `could not open ${model} again`);
  }

  #buried(engine: MortalEngine, exit: EngineExit): never {
    const death = deathOf(exit, this.#killed, this.state !== 'starting');
    this.#killed = null;
    if (this.#engine === engine) {
      this.state = 'dead';
      this.#engine = null;
      this.#work = { requests: 0 };
    }
    throw death;
  }

  async #replaceForever(first: MortalEngine): Promise<void> {
    const { signal } = this.#closing;
    let readyAt = performance.now();
    for (let engine: MortalEngine | null = first; !signal.aborted; ) {
      if (engine !== null) await engine.exited;
      if (signal.aborted) return this.#renewing?.resolve();
      if (this.#renewing) {
        this.#options.log.info({ engine: engine?.pid }, 'engine renewed');
        engine = await this.#startAnother();
        this.#renewing.resolve();
        this.#renewing = undefined;
        readyAt = performance.now();
        continue;
      }
      // A start that failed is a death too, however long its models took.
      const livedLong = engine !== null && performance.now() - readyAt > LIVED_LONG_MS;
      this.#deaths = livedLong ? 1 : this.#deaths + 1;
      this.restarts++;
      const delay = restartDelay(this.#deaths);
      this.#options.log.warn({ engine: engine?.pid, deaths: this.#deaths, restartInMs: delay }, 'engine died');
      this.#options.onChange();
      await sleep(delay, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      engine = await this.#startAnother();
      readyAt = performance.now();
    }
  }

  async #startAnother(): Promise<MortalEngine | null> {
    return await this.#startOne().catch((error) => {
      if (this.closing) return null;
      this.#options.log.error({ err: error }, 'engine did not start');
      this.startError = error;
      if (this.#engine === null) this.state = 'dead';
      return null;
    });
  }
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
