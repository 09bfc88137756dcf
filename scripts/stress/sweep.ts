// The sweep: rounds of random requests, each answered alone, then with all the others of its round in engines of unlike
// settings, and compared. All engines are new in each round, so a round can be run again by itself.

import type { Ending } from '../../workers/handlers/handler.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { type Answer, type Answers, answersAlone, answersInCompany } from './answers.ts';
import { drawCompany } from './company.ts';
import { type Difference, differenceOf } from './compare.ts';
import { type Counts, drawRound, type RequestDraws, type StressRequest } from './round.ts';
import { type Tally, tallied } from './tally.ts';

export interface SweepOptions {
  readonly seed: number;
  readonly counts: Counts;
  /** Of a round; what is left of the counts is the last one. */
  readonly roundOf: Counts;
  /** The only round to run; undefined = all of them. */
  readonly only?: number | undefined;
  readonly models: readonly ModelFolder[];
  readonly draws: RequestDraws;
  /** Engines with company, at once. */
  readonly engines: number;
  /** Engines that answer one request at a time. */
  readonly alone: number;
  /** Of keys and values, of which an engine has one. */
  readonly cacheBytes: readonly number[];
}

export interface Found {
  readonly round: number;
  readonly request: StressRequest;
  readonly difference: Difference;
  readonly alone: Answer;
  readonly inCompany: Answer;
  /** Whether a third engine, which has run nothing else, gives the answer that came alone. */
  readonly aloneAgain: boolean;
}

export interface RoundEnd {
  readonly round: number;
  readonly rounds: number;
  readonly tally: Tally;
  /** The first difference of the round. */
  readonly found: Found | undefined;
  readonly seconds: { readonly alone: number; readonly inCompany: number };
}

/** Tells of each round as it ends. */
export async function* sweep(options: SweepOptions): AsyncGenerator<RoundEnd> {
  const { models, seed, draws, engines, cacheBytes } = options;
  const sizes = roundsOf(options.counts, options.roundOf);
  for (const [i, counts] of sizes.entries()) {
    const number = i + 1;
    if (options.only !== undefined && options.only !== number) continue;
    const round = drawRound(seed, number, counts, draws);
    const begun = performance.now();
    const alone = await answersAlone(models, round.requests, options.alone);
    const between = performance.now();
    const seats = drawCompany(seed, round, engines, cacheBytes);
    const together = await answersInCompany(models, seats);
    const ended = performance.now();
    const differing = differences(round.requests, alone, together);
    const first = differing.entries().next().value;
    yield {
      round: number,
      rounds: sizes.length,
      tally: tallied(round, alone, together, differing),
      found: first && (await lookedAt(models, number, first[0], first[1], alone, together)),
      seconds: { alone: (between - begun) / 1000, inCompany: (ended - between) / 1000 },
    };
  }
}

/** Counts of each round. */
export function roundsOf(counts: Counts, roundOf: Counts): Counts[] {
  const names = ['embeddings', 'pairs', 'generations'] as const;
  const rounds = Math.max(...names.map((name) => Math.ceil(counts[name] / roundOf[name])));
  const part = (name: (typeof names)[number], round: number) =>
    Math.max(0, Math.min(roundOf[name], counts[name] - round * roundOf[name]));
  return Array.from({ length: rounds }, (_, round) => ({
    embeddings: part('embeddings', round),
    pairs: part('pairs', round),
    generations: part('generations', round),
  }));
}

function differences(requests: readonly StressRequest[], alone: Answers, together: Answers) {
  const found = new Map<StressRequest, Difference>();
  for (const request of requests) {
    const difference = differenceOf(endingOf(alone, request), endingOf(together, request));
    if (difference) found.set(request, difference);
  }
  return found;
}

function endingOf(answers: Answers, { id }: StressRequest): Ending {
  return answerOf(answers, id).ending;
}

function answerOf(answers: Answers, id: string): Answer {
  const answer = answers.get(id);
  if (answer) return answer;
  throw new Error(`expected an answer to request ${id}, none came, and nobody cancelled it`);
}

async function lookedAt(
  models: readonly ModelFolder[],
  round: number,
  request: StressRequest,
  difference: Difference,
  alone: Answers,
  together: Answers,
): Promise<Found> {
  const again = await answersAlone(models, [request], 1);
  return {
    ...{ round, request, difference },
    alone: answerOf(alone, request.id),
    inCompany: answerOf(together, request.id),
    aloneAgain: differenceOf(endingOf(alone, request), endingOf(again, request)) === undefined,
  };
}
