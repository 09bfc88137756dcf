// The models that an engine knows, of which as many are open as its memory limit allows. A call for one that is closed waits
// in a line until it is open; which ones are closed for it says model-switch.ts.

import type { LoadedModel, ResidentModel } from './engine.ts';
import type { Known, ModelCall, ModelToOpen, ResidentModelsOptions, Waiting } from './known-model.ts';
import { tooLarge, unknownModel } from './model-errors.ts';
import type { ModelFolder } from './model-folder.ts';
import { type ModelMemory, measuredMemory } from './model-memory.ts';
import { byLastUse, type OpenModel, restsUntil, staysUntil, switchFor } from './model-switch.ts';

export class ResidentModels<Model extends ModelToOpen> {
  readonly #options: ResidentModelsOptions<Model>;
  readonly #known = new Map<string, Known<Model>>();
  #line: Waiting<Model>[] = [];
  #leaving: ReadonlySet<OpenModel> = new Set();
  #serving: Promise<void> | undefined;
  #serves = false;
  #change = Promise.withResolvers<void>();
  #calls = 0;
  /** What a closed model took goes to the next ones, and seldom back to the system: growth tells nothing any more. */
  #measures = true;
  /** Beside the limit, and of another kind: a model that takes more by itself is open all the same, alone. */
  #bound = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(options: ResidentModelsOptions<Model>) {
    this.#options = options;
  }

  /** Opens it, unless it is known; throws EngineTooSmall where it alone takes more than the limit. */
  load(folder: ModelFolder): Promise<LoadedModel> {
    if (this.#isClosed) return Promise.reject(this.#options.closed());
    const { name } = folder.description;
    const before = this.#known.get(name);
    if (before) return before.loaded.promise;
    const memory = this.#options.memory(folder);
    const { limit } = this.#options;
    if (memory.estimate > limit) return Promise.reject(tooLarge(name, memory, limit));
    const known = this.#add(folder, memory);
    this.#enqueue({
      ...{ known, left: new Set(), cancelled: [] },
      start: () => undefined,
      end: () => undefined,
      fail: known.loaded.reject,
    });
    return known.loaded.promise;
  }

  /** One that is as it was described, and closed. */
  know(folder: ModelFolder, described: LoadedModel, bytes: number): void {
    this.throwIfClosed();
    const known = this.#add(folder, this.#options.memory(folder));
    known.description = described;
    known.bytes = bytes;
    known.loaded.resolve(described);
  }

  #add(folder: ModelFolder, memory: ModelMemory): Known<Model> {
    const known: Known<Model> = {
      ...{ folder, memory, bytes: memory.estimate, loaded: Promise.withResolvers<LoadedModel>() },
      ...{ description: undefined, model: undefined, opening: undefined, closing: undefined },
      ...{ openMs: 0, staysUntil: 0, restsUntil: 0, running: 0, lastUsed: 0, calledAt: undefined },
    };
    this.#known.set(folder.description.name, known);
    return known;
  }

  throwIfClosed(): void {
    if (this.#isClosed) throw this.#options.closed();
  }

  /** The description of one that was loaded. */
  find(name: string): LoadedModel | undefined {
    return this.#known.get(name)?.description;
  }

  get names(): string[] {
    return [...this.#known.values()].flatMap(({ description }) => description?.name ?? []);
  }

  get open(): Model[] {
    return [...this.#known.values()].flatMap(({ model }) => model ?? []);
  }

  describe(): ResidentModel[] {
    const now = performance.now();
    return [...this.#known.values()].flatMap(({ description, model, openMs: loadMs, bytes, calledAt, running }) => {
      const idleMs = running > 0 ? 0 : calledAt === undefined ? null : Math.round(now - calledAt);
      return description ? { ...description, resident: model !== undefined, loadMs, bytes, idleMs } : [];
    });
  }

  /** Opens one that was found, as a call of it would. */
  async openAgain(name: string): Promise<void> {
    await this.call(name, { ids: [], run: async () => undefined, cancelled: () => undefined }, false);
  }

  /** Closes one that was found, unless it has work; gives whether it is closed. */
  async shut(name: string): Promise<boolean> {
    const known = this.#known.get(name)!;
    await known.opening;
    if (known.running > 0) return false;
    await this.#close(known);
    return true;
  }

  /** Of models that have nothing to do so many are closed, those that were used least recently first, that the others stay below it. */
  async bound(bytes: number): Promise<void> {
    this.#bound = bytes;
    await this.#shrink();
  }

  async #shrink(): Promise<void> {
    const open = [...this.#known.values()].filter(({ model }) => model !== undefined);
    const bytes = open.reduce((sum, known) => sum + known.bytes, 0);
    const first = open.toSorted(byLastUse)[0];
    if (bytes <= this.#bound || open.length < 2 || first === undefined || first.running > 0) return;
    await this.#close(first);
    await this.#shrink();
  }

  /** Of one that was found. Where it is open the call has begun when this returns. */
  async call<Output>(name: string, call: ModelCall<Model, Output>, counts = true): Promise<Output> {
    const known = this.#known.get(name)!;
    if (known.model && !this.#leaving.has(known)) return this.#run(known, known.model, call, counts);
    const { promise, resolve, reject } = Promise.withResolvers<Output>();
    this.#enqueue({
      ...{ known, left: new Set(call.ids), cancelled: [] },
      start: (model) => resolve(this.#run(known, model, call, counts)),
      end: () => resolve(call.cancelled()),
      fail: reject,
    });
    return promise;
  }

  cancel(id: string): void {
    for (const model of this.open) model.cancel(id);
    for (const waiting of [...this.#line]) {
      if (!waiting.left.delete(id)) continue;
      waiting.cancelled.push(id);
      if (waiting.left.size === 0) this.#takeOut([waiting], ({ end }) => end());
    }
  }

  /** Lets it end what it has; calls that wait for it are rejected. */
  async unload(name: string): Promise<void> {
    const known = this.#known.get(name);
    if (!known) return;
    if (known.description === undefined) await known.loaded.promise.catch(() => undefined);
    if (this.#known.get(name) === known) this.#known.delete(name);
    const waiting = this.#line.filter((one) => one.known === known);
    this.#takeOut(waiting, ({ fail }) => fail(unknownModel(name, this.names)));
    await known.opening;
    await this.#close(known);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#takeOut([...this.#line], ({ fail }) => fail(this.#options.closed()));
    await this.#options.turns.stop();
    await this.#serving;
    for (const model of this.open) await model.close(this.#options.closed());
    this.#known.clear();
  }

  async #run<Output>(
    known: Known<Model>,
    model: Model,
    call: ModelCall<Model, Output>,
    counts: boolean,
  ): Promise<Output> {
    known.running++;
    known.lastUsed = ++this.#calls;
    try {
      const output = call.run(model);
      this.#options.turns.wake();
      return await output;
    } finally {
      known.running--;
      if (counts) known.calledAt = performance.now();
      void this.#shrink();
      known.restsUntil = restsUntil(performance.now(), known.openMs);
      this.#tell();
    }
  }

  #enqueue(waiting: Waiting<Model>): void {
    this.#line.push(waiting);
    this.#tell();
    if (this.#serves) return;
    this.#serves = true;
    this.#serving = this.#serve();
  }

  #takeOut(some: readonly Waiting<Model>[], then: (waiting: Waiting<Model>) => void): void {
    this.#line = this.#line.filter((waiting) => !some.includes(waiting));
    for (const waiting of some) then(waiting);
    this.#tell();
  }

  /** Something has ended, came, or is gone. */
  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #serve(): Promise<void> {
    while (this.#line.length > 0 && !this.#isClosed) {
      const first = this.#line[0]!.known;
      if (first.model === undefined) await this.#makeOpen(first);
      else this.#start((known) => known === first);
    }
    this.#leaving = new Set();
    this.#serves = false;
  }

  /** One step towards that. */
  async #makeOpen(wanted: Known<Model>): Promise<void> {
    // What closes at somebody's word is gone before it comes again.
    if (wanted.closing) await wanted.closing;
    const open = [...this.#known.values()].filter(({ model }) => model !== undefined);
    const limit = Math.min(this.#options.limit, this.#bound);
    const { close, leaving, waitMs } = switchFor(wanted.bytes, open, limit, performance.now());
    this.#leaving = new Set([...leaving, ...close]);
    this.#start((known) => !this.#leaving.has(known));
    if (close[0]) await this.#close(close[0]);
    else if (leaving.length > 0 || waitMs !== undefined) await this.#changeWithin(waitMs);
    else {
      wanted.opening = this.#open(wanted);
      await wanted.opening;
    }
  }

  async #changeWithin(ms: number | undefined): Promise<void> {
    if (ms === undefined) return await this.#change.promise;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([this.#change.promise, promise]);
    clearTimeout(timer);
  }

  /** What waits for open models of these, in order. */
  #start(which: (known: Known<Model>) => boolean): void {
    const ready = this.#line.filter(({ known }) => known.model !== undefined && which(known));
    if (ready.length === 0) return;
    this.#takeOut(ready, ({ known, cancelled, start }) => {
      const model = known.model!;
      start(model);
      for (const id of cancelled) model.cancel(id);
    });
  }

  async #open(known: Known<Model>): Promise<void> {
    const { open, describe, turns, onChange, residentBytes } = this.#options;
    const { name } = known.folder.description;
    const why = known.description === undefined ? 'load' : 'call';
    onChange({ change: 'opening', model: name });
    const [before, began] = [residentBytes(), performance.now()];
    try {
      const model = await open(known.folder);
      known.openMs = Math.round(performance.now() - began);
      known.staysUntil = staysUntil(performance.now(), known.openMs);
      if (why === 'load' && this.#measures)
        known.bytes = measuredMemory(known.folder, known.memory, residentBytes() - before);
      known.model = model;
      known.lastUsed = ++this.#calls;
      known.description = describe(model);
      turns.add(model);
    } catch (error) {
      onChange({ change: 'not opened', model: name, why });
      if (why === 'load' && this.#known.get(name) === known) this.#known.delete(name);
      this.#takeOut(
        this.#line.filter((waiting) => waiting.known === known),
        ({ fail }) => fail(error as Error),
      );
      return;
    }
    const { description, openMs: ms, bytes } = known;
    const { threads, fewerThreads } = description;
    onChange({ ...{ change: 'opened', model: name, why, ms, bytes, threads }, ...(fewerThreads && { fewerThreads }) });
    known.loaded.resolve(description);
  }

  /** Waits for the end of what it has; new calls find it closed from now on. */
  #close(known: Known<Model>): Promise<void> {
    const { model } = known;
    if (model === undefined) return known.closing ?? Promise.resolve();
    known.model = undefined;
    this.#measures = false;
    const { turns, closed, onChange } = this.#options;
    const close = async () => {
      await turns.remove(model);
      await model.close(closed());
      onChange({ change: 'closed', model: known.folder.description.name, bytes: known.bytes });
    };
    known.closing = close();
    return known.closing;
  }
}
