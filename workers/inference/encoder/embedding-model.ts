// An embedding model in an engine: texts to vectors, and documents to scores by their vectors.

import { SteadyTextError } from '../../errors.ts';
import type { EmbedInput, EmbedOutput, LongTexts, RerankOutput } from '../engine.ts';
import type { EncoderShape, ModelFolder, Prompts, ReadyMadeEncoderShape } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { checkTexts } from '../text/check-text.ts';
import { idsOf, type TokenReader, tokenReader } from '../text/token-reader.ts';
import { readTokenizer } from '../text/tokenizer.ts';
import { Batch, type BatchInput } from './batch.ts';
import { BatchLine } from './batch-line.ts';
import { type Cut, cutText } from './cut-text.ts';
import { type EncoderSession, encodeGroup, OWN_GRAPH, readyMadeGraph } from './encoder.ts';
import { average, finished, pool } from './pooling.ts';
import { bestScores, CANCELLED, cosineScore } from './scores.ts';

export interface EncoderOptions {
  /** Padded tokens of a group. */
  readonly groupTokens: number;
  /** Threads of a run. */
  readonly threads: number;
  /** In place of a session of graph.onnx. */
  readonly openSession?: (folder: ModelFolder, threads: number) => Promise<EncoderSession>;
}

/** What an engine asks of every model that runs by batches of texts. */
export interface BatchModel<Kind extends 'embedding' | 'reranking'> {
  readonly kind: Kind;
  readonly folder: ModelFolder;
  /** Longest input in tokens. */
  readonly maxTokens: number;
  readonly size: number;
  /** `id` names the call in `cancel`. */
  rerank(query: string, documents: readonly string[], id?: string, instruction?: string): Promise<RerankOutput>;
  /** Leaves out what has that name, unless it runs just now; a batch of which nothing is left ends in its next turn. */
  cancel(id: string): void;
  turn(): Promise<void>;
  close(error: Error): Promise<void>;
}

export interface EmbeddingModel extends BatchModel<'embedding'> {
  embed(input: Omit<EmbedInput, 'model'>): Promise<EmbedOutput>;
}

const CUTS: Readonly<Record<LongTexts, Cut>> = { truncate: 'truncate', refuse: 'refuse', average: 'chunk' };
const NO_PROMPTS: Prompts = { text: '', query: '', document: '' };
const NO_VECTOR = new Float32Array(0);

export async function openEmbeddingModel(
  folder: ModelFolder,
  shape: EncoderShape | ReadyMadeEncoderShape,
  options: EncoderOptions,
): Promise<EmbeddingModel> {
  const { maxTokens, normalize, dimension: whole, prompts = NO_PROMPTS, dimensions = [whole] } = shape;
  const { name } = folder.description;
  const reader = tokenReader(await readTokenizer(folder), 8 * maxTokens);
  const promptIds = new Map(
    Object.values(prompts).map((prompt) => [prompt, checkedPrompt(name, reader, prompt, maxTokens)]),
  );
  const session = await (options.openSession ?? openSession)(folder, options.threads);
  const { pooling, hidden } = shape;
  const form =
    shape.architecture === 'bert'
      ? { ...OWN_GRAPH, pairs: false }
      : { ...readyMadeGraph(shape.graph), perToken: pooling !== 'graph' };
  const graph = { session, hidden, ...form };
  const groupTokens = runsAlone(shape, reader) ? 1 : options.groupTokens;
  const poolStates = (states: Float32Array, tokens: number) =>
    pooling === 'graph' ? states.slice() : pool(states, tokens, pooling);
  const line = new BatchLine<Float32Array>((group) => encodeGroup(graph, group, poolStates));

  const inputOf = (text: string, prompt: string, cut: Cut): BatchInput => ({
    // No text has a NUL in it.
    key: `${cut}\0${prompt}\0${text}`,
    characters: text.length,
    cut: () => cutText(reader, { text, prompt, promptIds: promptIds.get(prompt)!, cut }, maxTokens),
  });

  function checkDimension(dimension: number): void {
    if (dimensions.includes(dimension)) return;
    const declared = dimensions.length > 1 ? 'which it was trained for' : 'the only one that it declares';
    throw new SteadyTextError(
      'InvalidInput',
      `expected an embedding of ${name} to have ${dimensions.join(', ')} numbers, ${declared}; ${dimension} came`,
      { hint: 'Leave dimension out for the whole embedding; one that is cut elsewhere loses its meaning.' },
    );
  }

  return {
    kind: 'embedding',
    folder,
    maxTokens,
    get size() {
      return line.size;
    },
    async embed({ texts, ids = [], longTexts = 'truncate', dimension = whole }) {
      checkTexts(texts, 'texts');
      checkDimension(dimension);
      const inputs = texts.map((text) => inputOf(text, prompts.text, CUTS[longTexts]));
      const ran = await line.add(new Batch(inputs, ids, groupTokens));
      return {
        // A copy, since equal texts share the vectors of their parts.
        vectors: ran.map((its) =>
          its === undefined || its.refused
            ? NO_VECTOR
            : finished(average(its.results, its.weights).slice(), dimension, normalize),
        ),
        tokens: ran.map((its) => its?.tokens ?? 0),
        truncated: ran.map((its) => its?.truncated ?? false),
        refused: ran.map((its) => its?.refused ?? false),
        chunks: ran.map((its) => its?.sequences.length ?? 0),
        cancelled: ran.map((its) => its === undefined),
      };
    },
    async rerank(query, documents, id) {
      const inputs = [
        inputOf(query, prompts.query, 'truncate'),
        ...documents.map((document) => inputOf(document, prompts.document, 'chunk')),
      ];
      const ids = id === undefined ? [] : inputs.map(() => id);
      const [asked, ...read] = await line.add(new Batch(inputs, ids, groupTokens));
      if (asked === undefined) return CANCELLED;
      const embedded = (vector: Float32Array) => finished(vector.slice(), whole, normalize);
      const queried = embedded(asked.results[0]!);
      return bestScores(read, (vector) => cosineScore(queried, embedded(vector)), asked);
    },
    cancel: (id) => line.cancel(id),
    turn: () => line.turn(),
    async close(error) {
      line.end(error);
      await session.release();
    },
  };
}

/** A product of one row takes another order of additions than one of several: a text of one token alone would be one. */
function runsAlone(shape: EncoderShape | ReadyMadeEncoderShape, { before, after }: TokenReader): boolean {
  if (shape.architecture === 'bert') return false;
  return shape.graph.alone !== undefined || before.length + after.length < 2;
}

/** The ids of a prompt, which must leave room for a text. */
function checkedPrompt(name: string, reader: TokenReader, prompt: string, maxTokens: number): number[] {
  const ids = idsOf(reader, prompt);
  const room = maxTokens - reader.before.length - reader.after.length;
  if (ids.length < room) return ids;
  throw new SteadyTextError(
    'ModelUnsupported',
    `expected the prompts of ${name} to leave room for a text, but one has ${ids.length} tokens of ${room} that fit`,
    { hint: 'Correct prompts or max_seq_length in the settings of the model, and pin them anew.' },
  );
}
