// A text model in an engine: takes prompts, and runs them in its decode loop.

import type { InferenceSession } from 'onnxruntime-node';
import { SteadyTextError } from '../../errors.ts';
import type { Engine, GenerateInput } from '../engine.ts';
import type { DecoderShape, ModelFolder } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { bytesOfTokens } from '../text/byte-tokens.ts';
import { checkText } from '../text/check-text.ts';
import { divideText } from '../text/divide-text.ts';
import { encodePrompt } from '../text/encode-prompt.ts';
import { fewestTokens } from '../text/fewest-tokens.ts';
import { plainTokenizer } from '../text/plain-tokenizer.ts';
import { readTokenizer } from '../text/tokenizer.ts';
import { tokenBytes } from '../token-bytes.ts';
import { costOfRow } from './choose-rows.ts';
import type { Constraint } from './constrained-tokens.ts';
import { Constraints } from './constraints.ts';
import { DecodeLoop } from './decode-loop.ts';
import { Forward } from './forward.ts';
import { Generation } from './generation.ts';
import { cacheTokensOf } from './kv-cache.ts';
import type { PromptTokens } from './prompt-reader.ts';
import { fewestTokensOf, tooFewTokens } from './room-for-constraint.ts';
import { tooMuchMemory } from './too-much-memory.ts';

export interface TextModelOptions {
  /** Generations that run at once. */
  readonly slots: number;
  /** Bytes for keys and values of all that runs; a sequence can be no longer than fits into them. */
  readonly cacheBytes: number;
  /** Of those, how many may be kept of earlier prompts. */
  readonly prefixBytes: number;
  /** Tokens that a step may try out beside the next one. */
  readonly guesses: number;
  /** Threads of a run. */
  readonly threads: number;
  /** Bytes that one generation may take, as it is asked just now. */
  readonly requestBytes: () => number;
}

export interface TextModel {
  readonly kind: 'text';
  readonly folder: ModelFolder;
  /** Longest sequence: the model's own, or what the cache has room for. */
  readonly maxTokens: number;
  readonly size: number;
  readonly promptTokens: PromptTokens;
  generate: Engine['generate'];
  /** Parts of a text of at most so many tokens, or of half of what the model takes. */
  divide(text: string, most: number): Promise<readonly string[]>;
  cancel(id: string): void;
  turn(): Promise<void>;
  close(error: Error): Promise<void>;
}

const MOST_TOKENS = 4096;

export async function openTextModel(
  folder: ModelFolder,
  shape: DecoderShape,
  { slots, cacheBytes, prefixBytes, guesses, threads, requestBytes }: TextModelOptions,
): Promise<TextModel> {
  const { name } = folder.description;
  const files = await readTokenizer(folder);
  const bytesOf = bytesOfTokens(files);
  const encode = encodePrompt(files, refuseTooLong);
  const plain = plainTokenizer(files);
  const fewest = fewestTokens(files.tokenizer.get_vocab().size, bytesOf);
  const constraints = new Constraints(shape, files, bytesOf);
  const session: InferenceSession = await openSession(folder, threads);
  const cacheTokens = cacheTokensOf(shape, cacheBytes);
  const maxTokens = Math.min(shape.maxTokens, cacheTokens);
  const loop = new DecodeLoop({
    shape,
    decode: new Forward(session, shape),
    prefill: new Forward(session, shape),
    slots,
    cacheTokens,
    prefixTokens: Math.floor(prefixBytes / tokenBytes(shape)),
    guesses,
    rowCost: costOfRow(folder.description.format),
  });

  function promptOf(message: string): readonly number[] {
    const prompt = encode(message);
    if (prompt.length === 0) throw badLength('an empty prompt');
    checkLength(prompt.length, `a prompt of ${prompt.length} tokens`);
    return prompt;
  }

  /** Before it is encoded: 100 kB without a space took 1.7 s, in which every other generation stood still. */
  function refuseTooLong(text: string): void {
    const least = fewest?.(text) ?? 0;
    checkLength(least, `a prompt of at least ${least} tokens`);
  }

  /** Whether it is too long for the model, or only for this engine: another one may have more room. */
  function checkLength(tokens: number, came: string): void {
    if (tokens >= shape.maxTokens) throw badLength(came);
    if (tokens < maxTokens) return;
    throw new SteadyTextError(
      'EngineTooSmall',
      `expected 1 to ${maxTokens - 1} prompt tokens for ${name}, ${came} came: ` +
        `the engine's memory for keys and values holds ${maxTokens} tokens, the model takes ${shape.maxTokens}`,
      { hint: 'Give the engines more memory for keys and values, or shorten the prompt.' },
    );
  }

  /** For the shortest answer of a constraint. */
  function checkRoom(constraint: Constraint, asked: number, prompt: number): void {
    const fewest = fewestTokensOf(constraint, name);
    if (fewest > asked) throw tooFewTokens(fewest, asked, 'maxTokens');
    const left = shape.maxTokens - prompt;
    if (fewest > left) throw tooFewTokens(fewest, left, `${name} takes ${shape.maxTokens}, ${prompt} are the prompt`);
    // The last token of an answer is not run.
    if (fewest > maxTokens - prompt) checkLength(prompt + fewest - 1, `one with an answer of ${fewest} tokens or more`);
  }

  function checkId(id: string): void {
    if (!loop.find(id) && !constraints.isWaiting(id)) return;
    throw new SteadyTextError('InvalidInput', `expected an id that no running generation has, ${id} came`, {
      hint: 'Give each generation an id of its own.',
    });
  }

  function badLength(came: string): SteadyTextError {
    return new SteadyTextError(
      'InvalidInput',
      `expected 1 to ${shape.maxTokens - 1} prompt tokens for ${name}, ${came} came`,
      { hint: `${name} takes ${shape.maxTokens} tokens, prompt and answer together; shorten the prompt.` },
    );
  }

  return {
    kind: 'text',
    folder,
    maxTokens,
    get size() {
      return loop.size + constraints.size;
    },
    get promptTokens() {
      return loop.promptTokens;
    },
    async generate(input, onText, onBegin) {
      checkInput(input);
      checkId(input.id);
      const prompt = promptOf(input.prompt);
      const limit = Math.min(input.maxTokens, maxTokens - prompt.length);
      const bytes = (prompt.length + limit) * tokenBytes(shape) + Buffer.byteLength(input.prompt);
      if (bytes > requestBytes()) throw tooMuchMemory(bytes, requestBytes(), prompt.length, limit);
      // Without a constraint that waits, it is in the loop when this returns.
      const compiled = input.constraint && constraints.compile(input.id, input.constraint);
      const constraint = compiled instanceof Promise ? await compiled : compiled;
      if (input.constraint && !constraint) {
        return { text: '', tokensIn: prompt.length, tokensOut: 0, finish: 'cancelled' };
      }
      if (constraint) checkRoom(constraint, input.maxTokens, prompt.length);
      const plan = { input, prompt, limit, endTokens: shape.endTokens, constraint, bytesOf, onText, onBegin };
      const generation = new Generation(plan);
      loop.add(generation);
      return generation.ended.promise;
    },
    divide(text, most) {
      const count = (piece: string) => plain.encode(piece, { add_special_tokens: false }).ids.length;
      // Of the model, not of this engine: another one has to divide in the same way.
      return divideText(text, Math.min(most, Math.floor(shape.maxTokens / 2)), count);
    },
    cancel(id) {
      constraints.cancel(id);
      const generation = loop.find(id);
      if (generation) generation.cancelled = true;
    },
    async turn() {
      constraints.turn();
      if (loop.size > 0) await loop.turn();
    },
    async close(error) {
      constraints.close(error);
      loop.close(error);
      await session.release();
    },
  };
}

export function checkInput(input: GenerateInput): void {
  checkText(input.prompt, 'prompt');
  for (const [i, stop] of input.stop.entries()) checkText(stop, `stop[${i}]`);
  if (!(Number.isInteger(input.maxTokens) && input.maxTokens >= 1 && input.maxTokens <= MOST_TOKENS)) {
    throw outOfRange(`maxTokens from 1 to ${MOST_TOKENS}`, input.maxTokens);
  }
  if (!(Number.isFinite(input.temperature) && input.temperature >= 0)) {
    throw outOfRange('a temperature of 0 or more', input.temperature);
  }
  if (!Number.isSafeInteger(input.seed)) throw outOfRange('a whole number as seed', input.seed);
  const { topK = 0, topP = 1, minTokens = 0, maxTokens } = input;
  if (!(Number.isSafeInteger(topK) && topK >= 0)) throw outOfRange('a whole number of 0 or more as topK', topK);
  if (!(topP > 0 && topP <= 1)) throw outOfRange('topP above 0 and at most 1', topP);
  if (!(Number.isInteger(minTokens) && minTokens >= 0 && minTokens <= maxTokens)) {
    throw outOfRange(`minTokens from 0 to maxTokens (${maxTokens})`, minTokens);
  }
  if (input.constraint && input.stop.some((stop) => stop !== '')) {
    throw outOfRange('no stop texts beside a constraint, which ends by itself', input.stop.length);
  }
  if (input.constraint && minTokens > 0) {
    throw outOfRange('no minTokens beside a constraint: its own minimum lengths are there for that', minTokens);
  }
}

function outOfRange(expected: string, came: unknown): SteadyTextError {
  return new SteadyTextError('InvalidInput', `expected ${expected}, ${String(came)} came`);
}
