// Speed and memory of one number format: what an engine process does with a model and nothing else.

import type { Engine } from '../engine.ts';
import type { ModelFolder } from '../model-folder.ts';
import { startEngineProcess } from '../process/engine-process.ts';
import { RANKED_TEXTS, shippedSentences, shippedText } from './shipped-texts.ts';

export interface EngineRound {
  readonly speeds: Readonly<Record<string, number>>;
  readonly residentBytes: number;
  readonly loadMs: number;
  /** Of embedding models: the vectors of all shipped sentences. */
  readonly vectors?: readonly Float32Array[];
  /** Of reranking models: scores of all shipped queries. */
  readonly scores?: readonly (readonly number[])[];
}

const STREAMS = 8;
/** About 16 and about 500 tokens. */
const [SHORT_CHARACTERS, LONG_CHARACTERS] = [64, 2200];

/** Loads, warms up, measures once, ends. Aborted it ends at once. */
export async function measureEngine(
  folder: ModelFolder,
  newTokens: number,
  signal: AbortSignal | undefined,
): Promise<EngineRound> {
  signal?.throwIfAborted();
  // Guesses and kept prompts depend on what is asked: without them a format is measured, and not a text.
  const engine = startEngineProcess({ slots: STREAMS, guesses: 0, prefixBytes: 0 });
  const end = () => void process.kill(engine.pid, 'SIGKILL');
  signal?.addEventListener('abort', end);
  try {
    const [loaded, loadMs] = await timed(() => engine.load(folder));
    const { residentBytes } = await engine.describe();
    const all = { residentBytes, loadMs };
    if (loaded.kind === 'text')
      return { ...all, speeds: await textSpeeds(engine, loaded.name, loaded.maxTokens, newTokens) };
    if (loaded.kind === 'embedding') return { ...all, ...(await embeddingSpeeds(engine, loaded.name)) };
    return { ...all, ...(await rerankingSpeeds(engine, loaded.name)) };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    await engine.close();
  }
}

/** Tokens a second of a prompt, of one answer, and of eight at once, their short prompts included. */
async function textSpeeds(engine: Engine, model: string, maxTokens: number, newTokens: number) {
  const text = shippedText();
  let asked = 0;
  const generate = (from: number, characters: number, tokens: number) =>
    engine.generate({
      ...{ id: `g${asked++}`, model, stop: [], temperature: 0, seed: 0 },
      prompt: text.slice(from, from + characters),
      maxTokens: tokens,
      minTokens: tokens,
    });
  await generate(0, SHORT_CHARACTERS, 2);
  // Tokens are of a character at least.
  const long = Math.min(LONG_CHARACTERS, Math.max(1, (maxTokens >> 1) - 64));
  const [read, readMs] = await timed(() => generate(0, long, 1));
  const [one, oneMs] = await timed(() => generate(0, SHORT_CHARACTERS, newTokens));
  const [many, manyMs] = await timed(() =>
    Promise.all(Array.from({ length: STREAMS }, (_, i) => generate(i * 500, SHORT_CHARACTERS, newTokens))),
  );
  const tokensOut = many.reduce((sum, its) => sum + its.tokensOut, 0);
  return {
    prompt: (1000 * read.tokensIn) / readMs,
    oneStream: (1000 * one.tokensOut) / oneMs,
    eightStreams: (1000 * tokensOut) / manyMs,
  };
}

async function embeddingSpeeds(engine: Engine, model: string) {
  const texts = shippedSentences();
  await engine.embed({ model, texts: texts.slice(0, 8) });
  const [{ vectors }, ms] = await timed(() => engine.embed({ model, texts }));
  return { vectors, speeds: { texts: (1000 * texts.length) / ms } };
}

async function rerankingSpeeds(engine: Engine, model: string) {
  const rerankAll = async () => {
    const scores: (readonly number[])[] = [];
    for (const { query, documents } of RANKED_TEXTS)
      scores.push((await engine.rerank({ model, query, documents })).scores);
    return scores;
  };
  await rerankAll();
  const [scores, ms] = await timed(rerankAll);
  return { scores, speeds: { pairs: (1000 * scores.flat().length) / ms } };
}

async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const result = await run();
  return [result, performance.now() - started];
}
