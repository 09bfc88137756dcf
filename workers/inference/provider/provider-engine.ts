// The models of a provider behind the calls of the engine contract: over HTTP, so nothing of an answer is promised to come again.

import { SteadyTextError } from '../../errors.ts';
import type {
  DivideInput,
  DivideOutput,
  EmbedInput,
  EmbedOutput,
  GenerateInput,
  GenerateOutput,
  ModelCalls,
  ServedModel,
} from '../engine.ts';
import { divideText, estimatedTokens } from '../text/divide-text.ts';
import { readChat, readEmbeddings } from './answers.ts';
import { CallLine } from './call-line.ts';
import { afterAnswer, afterFailure, CLOSED, callsAtOnce, isResting } from './circuit-policy.ts';
import { postJson } from './post-json.ts';
import { ProviderFailure, ProviderResting } from './provider-failure.ts';
import type { Provider } from './providers-file.ts';
import { shareTokens } from './share-tokens.ts';

/** Texts of one call; an answer for so many is parsed in tens of milliseconds. */
const MOST_TEXTS = 64;

export interface ProviderEngineOptions {
  readonly provider: Provider;
  /** It is left alone for so long, why. Calls meanwhile, and those that wait, reject with ProviderResting. */
  readonly onRest: (restMs: number, reason: string) => void;
  readonly onRestOver: () => void;
}

export class ProviderEngine implements ModelCalls {
  readonly models: readonly ServedModel[];
  readonly #options: ProviderEngineOptions;
  readonly #byName = new Map<string, Provider['models'][number]>();
  readonly #line: CallLine;
  readonly #closing = new AbortController();
  /** Calls by the names that `cancel` knows. */
  readonly #calls = new Map<string, () => void>();
  #circuit = CLOSED;
  #restEnds: NodeJS.Timeout | undefined;

  constructor(options: ProviderEngineOptions) {
    const { provider } = options;
    this.#options = options;
    this.models = provider.models.map((model) => {
      const name = `${provider.name}:${model.name}`;
      this.#byName.set(name, model);
      const { kind, dimension } = model;
      const { maxTokens, concurrent } = provider;
      return { name, kind, digest: null, maxTokens, dimension, tokenBytes: null, takesInstruction: false, concurrent };
    });
    this.#line = new CallLine(() => callsAtOnce(this.#circuit, performance.now(), provider.concurrent));
  }

  get resting(): boolean {
    return isResting(this.#circuit, performance.now());
  }

  /** Constraints, minTokens and topK are refused: the protocol has no word for them that every provider keeps to. */
  async generate(input: GenerateInput): Promise<GenerateOutput> {
    const given = { constraint: input.constraint, min_tokens: input.minTokens, top_k: input.topK || undefined };
    const refused = Object.entries(given).find(([, value]) => value !== undefined);
    if (refused !== undefined)
      throw notTaken(refused[0] === 'constraint' ? 'a schema, pattern or choices' : refused[0]);
    const { name } = this.#byName.get(input.model)!;
    const body = {
      model: name,
      messages: [{ role: 'user', content: input.prompt }],
      max_tokens: input.maxTokens,
      temperature: input.temperature,
      seed: input.seed,
      ...(input.stop.length > 0 && { stop: input.stop }),
      ...(input.topP !== undefined && { top_p: input.topP }),
      stream: false,
    };
    const read = (json: unknown) => readChat(this.#options.provider.name, json);
    const answer = await this.#cancellable([input.id], (signal) => this.#ask('/chat/completions', body, read, signal));
    return answer ?? { text: '', tokensIn: 0, tokensOut: 0, finish: 'cancelled' };
  }

  /** The vectors as they come. What is done with texts that are too long is the provider's to say; it tells no tokens of one text. */
  async embed({ model, texts, ids = [], longTexts = 'truncate', dimension }: EmbedInput): Promise<EmbedOutput> {
    if (longTexts !== 'truncate') throw notTaken(`on_long_text ${longTexts}`);
    if (dimension !== undefined) throw notTaken('dimension');
    const { name: provider } = this.#options.provider;
    const { name, dimension: length } = this.#byName.get(model)!;
    const outputs: EmbedOutput[] = [];
    for (let at = 0; at < texts.length; at += MOST_TEXTS) {
      const some = texts.slice(at, at + MOST_TEXTS);
      const body = { model: name, input: some, encoding_format: 'float' };
      const read = (json: unknown) => readEmbeddings(provider, json, { texts: some.length, dimension: length! });
      const cancelled = new Set<string>();
      const itsIds = ids.slice(at, at + MOST_TEXTS);
      const answer = await this.#cancellable(
        itsIds,
        (signal) => this.#ask('/embeddings', body, read, signal),
        cancelled,
      );
      outputs.push({
        vectors: some.map((_, i) => (cancelled.has(itsIds[i]!) ? new Float32Array(0) : answer!.vectors[i]!)),
        tokens: shareTokens(answer?.tokens ?? 0, some),
        truncated: some.map(() => false),
        refused: some.map(() => false),
        chunks: some.map(() => 1),
        cancelled: some.map((_, i) => cancelled.has(itsIds[i]!)),
        ...(answer?.answeredBy !== undefined && { answeredBy: answer.answeredBy }),
      });
    }
    return joined(outputs);
  }

  async rerank(): Promise<never> {
    throw new SteadyTextError(
      'InvalidInput',
      'expected a model of this fleet for a rerank: models of providers rerank nothing',
    );
  }

  /** By an estimate: its tokenizer is not here. */
  async divide({ model, text, most }: DivideInput): Promise<DivideOutput> {
    const { maxTokens } = this.models.find(({ name }) => name === model)!;
    return { parts: await divideText(text, Math.min(most, Math.floor(maxTokens / 2)), estimatedTokens) };
  }

  cancel(id: string): void {
    this.#calls.get(id)?.();
  }

  /** What runs is rejected with EngineDied. */
  close(): void {
    clearTimeout(this.#restEnds);
    this.#closing.abort(new SteadyTextError('EngineDied', 'the worker is ending'));
  }

  /** Undefined when all that it was for have been cancelled; each of these is in `cancelled`. */
  async #cancellable<Value>(
    ids: readonly string[],
    call: (signal: AbortSignal) => Promise<Value>,
    cancelled = new Set<string>(),
  ): Promise<Value | undefined> {
    const abort = new AbortController();
    for (const id of ids) {
      this.#calls.set(id, () => {
        cancelled.add(id);
        if (ids.every((its) => cancelled.has(its))) abort.abort(CANCELLED);
      });
    }
    try {
      return await call(AbortSignal.any([abort.signal, this.#closing.signal]));
    } catch (error) {
      if (error === CANCELLED) return undefined;
      throw error;
    } finally {
      for (const id of ids) this.#calls.delete(id);
    }
  }

  async #ask<Value>(path: string, body: object, read: (json: unknown) => Value, signal: AbortSignal): Promise<Value> {
    const { provider } = this.#options;
    if (this.resting) throw new ProviderResting(provider.name);
    return await this.#line.run(signal, async () => {
      try {
        const answer = read(await postJson(provider, path, body, signal));
        this.#circuit = afterAnswer(this.#circuit);
        return answer;
      } catch (error) {
        if (error instanceof ProviderFailure) this.#failed(error);
        // Of those that were refused it is known that it is there.
        else if (!signal.aborted) this.#circuit = afterAnswer(this.#circuit);
        throw error;
      }
    });
  }

  #failed({ message, retryAfterMs }: ProviderFailure): void {
    const { provider, onRest } = this.#options;
    const now = performance.now();
    const before = this.#circuit;
    this.#circuit = afterFailure(before, now, retryAfterMs);
    const { restUntil } = this.#circuit;
    if (restUntil <= Math.max(now, before.restUntil)) return;
    clearTimeout(this.#restEnds);
    // A timer may fire a moment before its time.
    this.#restEnds = setTimeout(() => this.#restOver(), Math.ceil(restUntil - now) + 1).unref();
    this.#line.turnAway(new ProviderResting(provider.name));
    onRest(Math.round(restUntil - now), message);
  }

  #restOver(): void {
    this.#line.next();
    this.#options.onRestOver();
  }
}

const CANCELLED = Symbol('cancelled');

function notTaken(what: string): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    `expected a model of this fleet for ${what}: models of providers do not take it`,
  );
}

function joined(outputs: readonly EmbedOutput[]): EmbedOutput {
  const answeredBy = outputs.find((output) => output.answeredBy !== undefined)?.answeredBy;
  return {
    vectors: outputs.flatMap(({ vectors }) => vectors),
    tokens: outputs.flatMap(({ tokens }) => tokens),
    truncated: outputs.flatMap(({ truncated }) => truncated),
    refused: outputs.flatMap(({ refused }) => refused),
    chunks: outputs.flatMap(({ chunks }) => chunks),
    cancelled: outputs.flatMap(({ cancelled }) => cancelled),
    ...(answeredBy !== undefined && { answeredBy }),
  };
}
