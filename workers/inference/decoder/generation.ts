// One generation from prompt to answer: what it was asked, the tokens it has, and the text they make.

import type { GenerateInput, GenerateOutput } from '../engine.ts';
import { type BytesOfToken, type TokenStream, tokenStream } from '../text/byte-tokens.ts';
import { type StopWatch, stopWatch } from '../text/stop-texts.ts';
import { ConstrainedTokens, type Constraint } from './constrained-tokens.ts';
import { Drafts, type Guess, NO_GUESS } from './drafts.ts';
import type { NextToken } from './forward.ts';
import { chunkKeys } from './prefix-cache.ts';
import { type Draw, NO_TOKEN, pickToken } from './sampling.ts';

export type Finish = GenerateOutput['finish'];

export interface GenerationPlan {
  readonly input: GenerateInput;
  readonly prompt: readonly number[];
  /** Upper bound of answer tokens: what was asked, or what the model's longest sequence leaves after the prompt. */
  readonly limit: number;
  readonly endTokens: readonly number[];
  /** What the answer satisfies; it can be written within the limit. */
  readonly constraint?: Constraint | undefined;
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
  #drafts: Drafts;
  #constrained: ConstrainedTokens | undefined;
  #tokensOut = 0;
  #text = '';
  /** Letters that were given to `onText`. */
  #shown = 0;
  #stream: TokenStream;
  #watch: StopWatch;

  constructor(plan: GenerationPlan) {
    this.plan = plan;
    this.chunkKeys = chunkKeys(plan.prompt);
    this.#drafts = new Drafts(plan.prompt);
    this.#constrained = constrainedTokens(plan);
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

  /** After how many of the newest token and so many that were guessed the model is asked what follows: not before one that must. */
  asks(guessed: number): number {
    return Math.max(0, guessed + 1 - (this.#constrained?.forced.length ?? 0));
  }

  /** Whether the best tokens alone do not say what follows those. */
  needsLogits(guessed: number): boolean {
    if (this.#constrained) return this.asks(guessed) > 0;
    return this.plan.input.temperature > 0 || this.#mayNotEnd(0);
  }

  /** Tokens that may follow, at most so many: those that must, or else as the text went on before. */
  guess(most: number): Guess {
    const forced = this.#constrained?.forced ?? [];
    if (forced.length > 0) return { tokens: forced.slice(0, Math.max(0, most)), chance: 1 };
    return this.plan.input.temperature > 0 || this.#mayNotEnd(0) ? NO_GUESS : this.#drafts.guess(most);
  }

  /** How the last guess went: so many of its tokens were tried, and so many of them right. */
  learn(tried: number, right: number): void {
    if (tried > 0 && !this.#constrained?.forced.length) this.#drafts.learn(tried, right);
  }

  /** The token that follows, and while that is the one that was tried next, the one after it. `next`: of what it `asks`. */
  answersTo(tried: readonly number[], next: readonly NextToken[]): number[] {
    const ahead = this.#constrained?.clone();
    const answers: number[] = [];
    const unasked = tried.length + 1 - next.length;
    for (let i = 0; i <= tried.length; i++) {
      const token = ahead?.forced[0] ?? pickToken(next[i - unasked]!, this.#draw(i, ahead?.allowed()));
      answers.push(token);
      if (token !== tried[i] || this.#endsTurn(token)) break;
      ahead?.accept(token);
      if (ahead?.mustEnd) break;
    }
    return answers;
  }

  /** How the token after so many others is picked. */
  #draw(after: number, allowed: Uint32Array | undefined): Draw {
    const { temperature, seed, topK, topP } = this.plan.input;
    const never = this.#mayNotEnd(after) ? this.plan.endTokens : [];
    return { temperature, seed, topK, topP, never, allowed, position: this.position + after };
  }

  #endsTurn(token: number): boolean {
    return token === NO_TOKEN || this.plan.endTokens.includes(token);
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
    this.#drafts = new Drafts(this.plan.prompt);
    this.#constrained = constrainedTokens(this.plan);
    this.#tokensOut = 0;
    this.#text = '';
    this.#stream = tokenStream(this.plan.bytesOf);
    this.#watch = stopWatch(this.plan.input.stop);
  }

  /** Takes the next token of the answer; tells how the answer ends with it, if it does. */
  accept(token: number): Finish | undefined {
    if (this.#endsTurn(token)) return 'end';
    this.last = token;
    this.#drafts.push(token);
    this.#tokensOut++;
    this.#constrained?.accept(token);
    if (this.#show(this.#stream.push(token))) return 'stop';
    if (this.#constrained?.mustEnd) return 'end';
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

function constrainedTokens({ constraint, limit, endTokens }: GenerationPlan): ConstrainedTokens | undefined {
  return constraint && new ConstrainedTokens(constraint, limit, endTokens);
}
