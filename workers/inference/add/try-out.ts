// One request to a model that was just converted, in an engine process of its own: whether it answers, and in what shape.

import { SteadyTextError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { ModelFolder } from '../model-folder.ts';
import { startEngineProcess } from '../process/engine-process.ts';

const TEXT = 'The inn stands where two roads meet.';

/** A graph may run for ever. The longest text of a large model takes a minute on a busy machine. */
const LONGEST_MS = 300_000;

/** Says what came. Throws what the engine threw, and ModelUnsupported for an answer that is none, or none in time. */
export async function tryOut(folder: ModelFolder, signal?: AbortSignal, longestMs = LONGEST_MS): Promise<string> {
  const engine = startEngineProcess({ slots: 1 });
  const late = AbortSignal.timeout(longestMs);
  const end = () => endNow(engine.pid);
  const ends = AbortSignal.any([late, ...(signal ? [signal] : [])]);
  ends.addEventListener('abort', end);
  try {
    const { name, kind, maxTokens } = await engine.load(folder);
    // As long as the model takes: positions that it does not have are found now, and not by the first long text.
    const long = 'inn '.repeat(maxTokens);
    if (kind === 'embedding') return await embedded(engine, name, [TEXT, 'inn', 'the inn', `${TEXT} Rain.`, long]);
    if (kind === 'reranking') return await ranked(engine, name, [TEXT, long]);
    return await generated(engine, name);
  } catch (error) {
    signal?.throwIfAborted();
    throw late.aborted ? noAnswerInTime(folder.description.name, longestMs) : error;
  } finally {
    ends.removeEventListener('abort', end);
    await engine.close();
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

async function embedded(engine: Engine, model: string, texts: readonly string[]): Promise<string> {
  const { vectors, tokens } = await engine.embed({ model, texts });
  const [alone] = (await engine.embed({ model, texts: texts.slice(0, 1) })).vectors;
  if (!alone!.every((value, i) => value === vectors[0]![i])) throw otherInCompany(model);
  const lengths = vectors.map((vector) => Math.hypot(...vector));
  if (!lengths.every((length) => Number.isFinite(length) && length > 0)) throw noAnswer(model, 'an embedding', lengths);
  return `an embedding of ${vectors[0]!.length} numbers, of length ${lengths[0]!.toFixed(3)}, from ${tokens[0]} tokens`;
}

async function ranked(engine: Engine, model: string, documents: readonly string[]): Promise<string> {
  const { scores } = await engine.rerank({ model, query: 'Where do the roads meet?', documents: [documents[0]!] });
  await engine.rerank({ model, query: documents[0]!, documents: [documents[1]!] });
  return `a score of ${scores[0]!.toFixed(4)} in 0..1`;
}

async function generated(engine: Engine, model: string): Promise<string> {
  const asked = { id: 'try', model, prompt: TEXT, maxTokens: 8, stop: [], temperature: 0, seed: 0 };
  const { tokensIn, tokensOut, finish } = await engine.generate(asked);
  return `an answer of ${tokensOut} tokens to a prompt of ${tokensIn}, ended by ${finish}`;
}

/** Every known graph keeps its texts apart or runs them one by one: this one belongs among the latter. */
function otherInCompany(model: string): SteadyTextError {
  return new SteadyTextError(
    'ModelUnsupported',
    `expected equal bytes of ${model} for a text alone and beside others, got other ones`,
    {
      hint: 'Please report which model it is: its graph mixes the texts of a batch in a way that is not known.',
    },
  );
}

function noAnswerInTime(model: string, ms: number): SteadyTextError {
  return new SteadyTextError('ModelUnsupported', `expected an answer of ${model} within ${ms / 1000} s, got none`, {
    hint: 'Its graph may run for ever, or is too large for this machine: try a smaller model, or a shorter max_seq_length.',
  });
}

function noAnswer(model: string, expected: string, lengths: readonly number[]): SteadyTextError {
  const got = lengths.map(String).join(' and ');
  return new SteadyTextError('ModelUnsupported', `expected ${expected} of ${model} with a length, got ${got}`, {
    hint: 'Its weights overflow, or are all zero. Try --format fp32, or another file of the model.',
  });
}
