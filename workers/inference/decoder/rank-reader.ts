// Reads the prompts of a decoder that ranks, one at a time and chunk by chunk as those of generations are, and tells what follows
// the last token. What the prompts of a query begin with is read once, kept, and copied.

import type { InferenceSession } from 'onnxruntime-node';
import type { Sequence } from '../encoder/cut-text.ts';
import type { DecoderShape } from '../model-folder.ts';
import { Forward } from './forward.ts';
import { BLOCK, KvCache } from './kv-cache.ts';
import { chunkKeys, PrefixCache } from './prefix-cache.ts';
import { PromptReader, type PromptTokens, type PromptToRead } from './prompt-reader.ts';
import { StepForms } from './step-forms.ts';

export interface RankReaderOptions {
  readonly model: string;
  readonly shape: DecoderShape;
  readonly session: InferenceSession;
  /** Tokens whose keys and values may be held, of the prompt that is read and of what is kept. */
  readonly cacheTokens: number;
  /** Of those, how many may be kept of what prompts begin with. */
  readonly prefixTokens: number;
}

interface Reading {
  readonly sequence: Sequence;
  readonly prompt: PromptReader<PromptToRead>;
}

export class RankReader {
  readonly #options: RankReaderOptions;
  readonly #prefill: Forward;
  readonly #forms = new StepForms();
  readonly #prefixes: PrefixCache;
  #reading: Reading | undefined;
  #tokens: PromptTokens = { read: 0, reused: 0 };

  constructor(options: RankReaderOptions) {
    const { session, shape, cacheTokens, prefixTokens } = options;
    this.#options = options;
    this.#prefill = new Forward(session, shape);
    this.#prefixes = new PrefixCache(shape, Math.min(prefixTokens, cacheTokens));
  }

  /** Of all prompts so far. */
  get tokens(): PromptTokens {
    return this.#tokens;
  }

  /** Tokens that memory is taken for just now. */
  get takenTokens(): number {
    return this.#ofPrompt + this.#prefixes.tokens;
  }

  /**
   * Reads the next chunk of a prompt; gives the logits after it, with the last. One that comes before another was read to its end
   * takes that one's place. Throws where the model computed no numbers.
   */
  async chunk(sequence: Sequence): Promise<Float32Array | undefined> {
    if (this.#reading?.sequence !== sequence) this.#begin(sequence);
    const { prompt } = this.#reading!;
    const before = prompt.tokens.read;
    try {
      const next = await prompt.chunk();
      this.#count(prompt.tokens.read - before, 0);
      if (!next) return undefined;
      this.#keepBeginning(sequence, prompt);
      this.#drop();
      return next[0]!.logits!;
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** Gives all memory back. */
  release(): void {
    this.#drop();
    this.#prefixes.shrink(0);
    this.#forms.release();
    this.#prefill.release();
  }

  #begin(sequence: Sequence): void {
    this.#drop();
    const { model, shape } = this.#options;
    const read = { plan: { prompt: sequence.ids, input: { model } }, chunkKeys: chunkKeys(sequence.ids), length: 0 };
    const prompt = new PromptReader<PromptToRead>(
      {
        ...{ shape, prefill: this.#prefill, forms: this.#forms, prefixes: this.#prefixes },
        elsewhere: () => undefined,
        openCache: (tokens) => new KvCache(shape, 1, tokens),
        makeRoom: (more) => this.#prefixes.shrink(this.#room - more),
      },
      read,
    );
    this.#reading = { sequence, prompt };
    this.#count(0, prompt.tokens.reused);
  }

  /** Whole chunks of what every prompt of the query begins with. */
  #keepBeginning({ first }: Sequence, { generation, place }: PromptReader<PromptToRead>): void {
    const keys = generation.chunkKeys.slice(0, Math.floor(first / BLOCK));
    this.#prefixes.keep(keys, place.cache, place.slot, this.#room);
  }

  #drop(): void {
    this.#reading?.prompt.place.cache.release();
    this.#reading = undefined;
  }

  get #ofPrompt(): number {
    return this.#reading?.prompt.takenTokens ?? 0;
  }

  /** Tokens that may be kept beside the prompt. */
  get #room(): number {
    return this.#options.cacheTokens - this.#ofPrompt;
  }

  #count(read: number, reused: number): void {
    this.#tokens = { read: this.#tokens.read + read, reused: this.#tokens.reused + reused };
  }
}
