// Vocabularies of bytes and random pieces of text, random numbers, and walks that take any token that is allowed.

import type { CompiledConstraint } from '../../../workers/inference/constrained/compile-constraint.ts';
import { ConstraintState } from '../../../workers/inference/constrained/constraint-state.ts';
import { tokensIn } from '../../../workers/inference/constrained/vocabulary/token-mask.ts';
import { Vocabulary } from '../../../workers/inference/constrained/vocabulary/vocabulary.ts';

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<Value>(random: () => number, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

const PIECES = [
  '":',
  '","',
  '{"',
  '"}',
  '":"',
  '[{',
  '}]',
  ' "',
  '  ',
  '    ',
  'true',
  'null',
  'name',
  '12',
  '00',
  '-1',
  'é',
  '日本',
  '\\n',
  '\\"',
  '.5',
  'the',
  ' and',
];

/** Every byte, some pieces that reach over the borders of JSON's parts, random pieces, twins, and two special tokens. */
export function tinyVocabulary(seed: number, merges = 200): Vocabulary {
  const random = seeded(seed);
  const tokens: (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  for (const piece of PIECES) tokens.push(Buffer.from(piece));
  for (let i = 0; i < merges; i++)
    tokens.push(
      Buffer.concat([
        tokens[Math.floor(random() * tokens.length)]!,
        tokens[Math.floor(random() * tokens.length)]!,
      ]).subarray(0, 12),
    );
  tokens.push(undefined, undefined);
  return new Vocabulary(tokens);
}

export interface Walk {
  readonly text: string;
  readonly tokens: number;
}

/** Takes allowed tokens until the output ends; `stop` says whether it ends where it may. */
export function walk(
  compiled: CompiledConstraint,
  vocabulary: Vocabulary,
  budget: number,
  random: () => number,
  stop = 0.3,
): Walk {
  const state = new ConstraintState(compiled, vocabulary);
  const bytes: number[] = [];
  let tokens = 0;
  const take = (token: number) => {
    state.accept(token);
    bytes.push(...vocabulary.bytesOf(token)!);
    tokens++;
  };
  while (!state.mustEnd) {
    if (random() < 0.2) for (const token of state.forced(budget - tokens)) take(token);
    if (state.mustEnd) break;
    const { bits, canEnd } = state.allowed(budget - tokens);
    const allowed = tokensIn(bits);
    if (canEnd && (allowed.length === 0 || random() < stop)) break;
    if (allowed.length === 0)
      throw new Error(`nothing is allowed after ${JSON.stringify(Buffer.from(bytes).toString())}`);
    take(pick(random, allowed));
  }
  if (!state.canEnd || tokens > budget) throw new Error(`ended too early, or ${tokens} of ${budget} tokens`);
  return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)), tokens };
}

/** Whether the whole text is an output of the constraint. */
export function accepts(compiled: CompiledConstraint, vocabulary: Vocabulary, text: string): boolean {
  const state = new ConstraintState(compiled, vocabulary);
  try {
    for (const byte of Buffer.from(text)) state.accept(byte);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  return state.canEnd;
}

export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

/** Milliseconds of the CPU that it took this thread: those that others took of the time are not its own. */
export function cpuTimeOf(work: () => unknown): number {
  const begun = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1000;
}
