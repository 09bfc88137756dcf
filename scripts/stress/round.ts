// The random requests of one round of the sweep: the same for the same seed, number of the round and counts.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { EmbedRequest } from '../../workers/handlers/embed.ts';
import type { GenerateRequest } from '../../workers/handlers/generate.ts';
import type { RerankRequest } from '../../workers/handlers/rerank.ts';
import { type GenerationDraws, promptOf, randomPicking, randomWords } from './draws.ts';

export type StressRequest =
  | { readonly id: string; readonly type: 'embed'; readonly input: EmbedRequest }
  | { readonly id: string; readonly type: 'rerank'; readonly input: RerankRequest }
  | { readonly id: string; readonly type: 'generate'; readonly input: GenerateRequest };

export interface Counts {
  readonly embeddings: number;
  /** Of a query and a document. */
  readonly pairs: number;
  readonly generations: number;
}

export interface RequestDraws extends GenerationDraws {
  /** Words of a short, a middle and a long text. */
  readonly lengths: readonly [number, number, number];
  /** One of them stands at the end of a prompt. */
  readonly questions: readonly string[];
}

export interface Round {
  readonly number: number;
  readonly requests: readonly StressRequest[];
  /** More of them, which are cancelled as they run beside the others. */
  readonly mates: readonly StressRequest[];
}

const MOST_DOCUMENTS = 12;
/** A mate for so many of the others. */
const TO_A_MATE = 10;

export function drawRound(seed: number, number: number, counts: Counts, draws: RequestDraws): Round {
  const drawn = (part: string, prefix: string, some: Counts) => [
    ...drawEmbeddings(seedOf(seed, number, `${part} embeddings`), `${prefix}e`, some.embeddings, draws),
    ...drawRerankings(seedOf(seed, number, `${part} pairs`), `${prefix}p`, some.pairs, draws),
    ...drawGenerations(seedOf(seed, number, `${part} generations`), `${prefix}g`, some.generations, draws),
  ];
  const few = (count: number) => Math.ceil(count / TO_A_MATE);
  const mates = {
    embeddings: few(counts.embeddings),
    pairs: few(counts.pairs),
    generations: few(counts.generations),
  };
  const prefix = `${number}-`;
  return {
    number,
    requests: drawn('asked', prefix, counts),
    mates: drawn('cancelled', `${prefix}cancelled-`, mates),
  };
}

/** Another one for each part of each round: what is drawn more of one thing changes nothing of another. */
export function seedOf(seed: number, round: number, part: string): number {
  return createHash('sha256').update(`${seed} ${round} ${part}`).digest().readInt32BE(0);
}

/** One value; all that may come are equally likely, which fast-check by itself does not see to. */
export function sampleOne<Value>(seed: number, arbitrary: fc.Arbitrary<Value>): Value {
  return fc.sample(fc.noBias(arbitrary), { seed, numRuns: 1 })[0]!;
}

export function several<Value>(count: number, of: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
  return fc.array(of, { minLength: count, maxLength: count, size: 'max' });
}

/** Most are short. */
function randomText({ words, lengths: [short, middle, long] }: RequestDraws): fc.Arbitrary<string[]> {
  return fc.oneof(
    { weight: 14, arbitrary: randomWords(words, 1, short) },
    { weight: 5, arbitrary: randomWords(words, short, middle) },
    { weight: 1, arbitrary: randomWords(words, middle, long) },
  );
}

function drawEmbeddings(seed: number, prefix: string, count: number, draws: RequestDraws): StressRequest[] {
  const one = fc.record({
    words: randomText(draws),
    longTexts: fc.constantFrom('truncate' as const, 'average' as const),
    /** Some texts come again: of equal ones in a batch one is run. */
    again: fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat() }),
  });
  const drawn = sampleOne(seed, several(count, one));
  const texts = drawn.map(({ words }) => words.join(' '));
  return drawn.map(({ longTexts, again }, i) => {
    const text = texts[again === undefined ? i : again % count]!;
    return { id: `${prefix}${i}`, type: 'embed', input: { text, options: { longTexts } } };
  });
}

function drawRerankings(seed: number, prefix: string, pairs: number, draws: RequestDraws): StressRequest[] {
  const text = randomText(draws).map((words) => words.join(' '));
  const documents = fc.integer({ min: 1, max: MOST_DOCUMENTS }).chain((count) => several(count, text));
  const drawn = sampleOne(seed, several(pairs, fc.record({ query: text, documents })));
  const requests: StressRequest[] = [];
  let left = pairs;
  for (const { query, documents } of drawn) {
    if (left === 0) break;
    const some = documents.slice(0, left);
    left -= some.length;
    const input = { query, documents: some, returnScores: true };
    requests.push({ id: `${prefix}${requests.length}`, type: 'rerank', input });
  }
  return requests;
}

function drawGenerations(seed: number, prefix: string, count: number, draws: RequestDraws): StressRequest[] {
  const { lengths, mostTokens } = draws;
  // Long answers are few, as long prompts are: they take most of the time.
  const picking = fc.oneof(
    { weight: 12, arbitrary: randomPicking({ ...draws, mostTokens: Math.ceil(mostTokens / 8) }) },
    { weight: 6, arbitrary: randomPicking({ ...draws, mostTokens: Math.ceil(mostTokens / 3) }) },
    { weight: 2, arbitrary: randomPicking(draws) },
  );
  const [short, middle, long] = lengths;
  const one = fc.record({
    words: randomText(draws),
    shared: fc.constantFrom(0, 0, 0, short, middle, Math.ceil((middle + long) / 2)),
    question: fc.constantFrom(...draws.questions),
    picking,
  });
  const beginning = randomWords(draws.words, long, long);
  const [begins, drawn] = sampleOne(seed, fc.tuple(beginning, several(count, one)));
  return drawn.map(({ words, question, picking, ...drawn }, i) => {
    const prompt = [promptOf(words, drawn.shared, begins), question].filter((part) => part !== '').join('\n\n');
    return { id: `${prefix}${i}`, type: 'generate', input: { ...picking, prompt } };
  });
}
