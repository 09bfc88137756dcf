// One request to a model that was just converted, in an engine process of its own: whether it answers, and in what shape.

import { SteadyTextError } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { ModelFolder } from '../model-folder.ts';
import { startEngineProcess } from '../process/engine-process.ts';

const TEXT = 'The inn stands where two roads meet.';

/** Says what came. Throws what the engine threw, and ModelUnsupported for an answer that is none. */
export async function tryOut(folder: ModelFolder): Promise<string> {
  const engine = startEngineProcess({ slots: 1 });
  try {
    const { name, kind, maxTokens } = await engine.load(folder);
    // As long as the model takes: positions that it does not have are found now, and not by the first long text.
    const long = 'inn '.repeat(maxTokens);
    if (kind === 'embedding') return await embedded(engine, name, [TEXT, 'inn', 'the inn', `${TEXT} ${TEXT}`, long]);
    if (kind === 'reranking') return await ranked(engine, name, [TEXT, long]);
    return await generated(engine, name);
  } finally {
    await engine.close();
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

function noAnswer(model: string, expected: string, lengths: readonly number[]): SteadyTextError {
  const got = lengths.map(String).join(' and ');
  return new SteadyTextError('ModelUnsupported', `expected ${expected} of ${model} with a length, got ${got}`, {
    hint: 'Its weights overflow, or are all zero. Try --format fp32, or another file of the model.',
  });
}
