// One generation from prompt to answer: what it was asked, the tokens it has, and the text they make.

import type { GenerateInput, GenerateOutput } from '../engine.ts';
import { type BytesOfToken, type TokenStream, tokenStream } from '../text/byte-tokens.ts';
import { type StopWatch, stopWatch } from '../text/stop-texts.ts';
import { Drafts } from './drafts.ts';
import { chunkKeys } from './prefix-cache.ts';
import type { Draw } from './sampling.ts';

export type Finish = GenerateOutput['finish'];

export interface GenerationPlan {
  readonly input: GenerateInput;
  readonly prompt: readonly number[];
  /** Upper bound of answer tokens: what was asked, or what the model's longest sequence leaves after the prompt. */
  readonly limit: number;
  readonly endTokens: readonly number[];
  readonly bytesOf: BytesOfToken;
  readonly onText?: ((piece: string) => void) | undefined;
  readonly onBegin?: ((begun: boolean) => void) | undefined;
}

export class Generation {
  readonly plan: GenerationPlan;
  /** Names of the prompt's whole chunks. */
  readonly chunkKeys: readonly string[];
  readonly ended = Promise.withResolvers<GenerateOutput>();
  /** Tokens whose keys and values are in the cache. */
  length = 0;
  cancelled = false;
  /** The newest token of the answer, not yet run. */
  last = -1;
  /** Guesses of what comes next; they know every token so far. */
  drafts: Drafts;
  #tokensOut = 0;
  #text = '';
  /** Letters that were given to `onText`. */
  #shown = 0;
  #stream: TokenStream;
  #watch: StopWatch;

  constructor(plan: GenerationPlan) {
    this.plan = plan;
    this.chunkKeys = chunkKeys(plan.prompt);
    this.drafts = new Drafts(plan.prompt);
    this.#stream = tokenStream(plan.bytesOf);
    this.#watch = stopWatch(plan.input.stop);
  }

  get id(): string {
    return this.plan.input.id;
  }

  /** Place in the sequence of the token that is picked next. */
  get position(): number {
    return this.plan.prompt.length + this.#tokensOut;
  }

  /** Whether the best token alone does not say what comes next. */
  get needsLogits(): boolean {
    return this.plan.input.temperature > 0 || this.#mayNotEnd(0);
  }

  /** How the token after so many others is picked. */
  draw(after: number): Draw {
    const { temperature, seed, topK, topP } = this.plan.input;
    const never = this.#mayNotEnd(after) ? this.plan.endTokens : [];
    return { temperature, seed, topK, topP, never, position: this.position + after };
  }

  #mayNotEnd(after: number): boolean {
    return this.#tokensOut + after < (this.plan.input.minTokens ?? 0);
  }

  /** Tokens that may still come. */
  get left(): number {
    return this.plan.limit - this.#tokensOut;
  }

  /** Its prompt begins to be read, the first time or again. */
  begin(): void {
    this.plan.onBegin?.(true);
  }

  /** Waits to begin again from the prompt. The same tokens will come, so what was shown is not shown again. */
  restart(): void {
    this.plan.onBegin?.(false);
    this.length = 0;
    this.last = -1;
    this.drafts = new Drafts(this.plan.prompt);
    this.#tokensOut = 0;
    this.#text = '';
    this.#stream = tokenStream(this.plan.bytesOf);
    this.#watch = stopWatch(this.plan.input.stop);
  }

  /** Takes the next token of the answer; tells how the answer ends with it, if it does. */
  accept(token: number): Finish | undefined {
    if (this.plan.endTokens.includes(token)) return 'end';
    this.last = token;
    this.drafts.push(token);
    this.#tokensOut++;
    if (this.#show(this.#stream.push(token))) return 'stop';
    return this.#tokensOut >= this.plan.limit ? 'length' : undefined;
  }

  /** Shows what was held back, and resolves. */
  finish(finish: Finish): void {
    const stopped = finish === 'stop' || this.#show(this.#stream.end());
    if (!stopped) this.#give(this.#watch.end());
    this.ended.resolve({
      text: this.#text,
      tokensIn: this.plan.prompt.length,
      tokensOut: this.#tokensOut,
      finish: stopped && finish !== 'cancelled' ? 'stop' : finish,
    });
  }

  #show(piece: string): boolean {
    const { safe, stopped } = this.#watch.push(piece);
    this.#give(safe);
    return stopped;
  }

  #give(text: string): void {
    this.#text += text;
    const news = this.#text.slice(this.#shown);
    if (news === '') return;
    this.#shown = this.#text.length;
    this.plan.onText?.(news);
  }
}
