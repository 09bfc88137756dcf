// A cross-encoder in an engine: a query and each document go through it together, and a score comes out.

import { SteadyTextError } from '../../errors.ts';
import type { CrossEncoderShape, ModelFolder, ReadyMadeCrossEncoderShape } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { tokenReader } from '../text/token-reader.ts';
import { pairSpecials, readTokenizer } from '../text/tokenizer.ts';
import { Batch } from './batch.ts';
import { BatchLine } from './batch-line.ts';
import { pairCutter } from './cut-pair.ts';
import type { BatchModel, EncoderOptions } from './embedding-model.ts';
import { encodeGroup, OWN_GRAPH, readyMadeGraph } from './encoder.ts';
import { readScoreHead } from './score-head.ts';
import { bestScores, sigmoid } from './scores.ts';

export type RerankingModel = BatchModel<'reranking'>;

export async function openRerankingModel(
  folder: ModelFolder,
  shape: CrossEncoderShape | ReadyMadeCrossEncoderShape,
  options: EncoderOptions,
): Promise<RerankingModel> {
  const { maxTokens } = shape;
  const files = await readTokenizer(folder);
  const reader = tokenReader(files, 8 * maxTokens);
  const asksTypes = shape.architecture === 'bert-cross-encoder' || shape.graph.types;
  const specials = pairSpecials(files.tokenizer, asksTypes, `that of ${folder.path}`);
  const taken = Object.values(specials).flat().length;
  if (maxTokens < taken + 2)
    throw new SteadyTextError(
      'ModelUnsupported',
      `expected ${folder.description.name} to take a token of a query and one of a document beside ${taken} of its own, it takes ${maxTokens} in all`,
      { hint: 'Correct model_max_length or max_seq_length in the settings of the model, and pin them anew.' },
    );
  const session = await (options.openSession ?? openSession)(folder, options.threads);
  const { graph, logit, groupTokens } =
    shape.architecture === 'bert-cross-encoder'
      ? await ownGraph(folder, shape, options)
      : { graph: { ...readyMadeGraph(shape.graph), hidden: 1, perToken: false }, logit: firstOf, groupTokens: 1 };
  const line = new BatchLine<number>((group) => encodeGroup({ session, ...graph }, group, logit));

  return {
    kind: 'reranking',
    folder,
    maxTokens,
    get size() {
      return line.size;
    },
    async rerank(query, documents, id) {
      const pair = pairCutter(reader, specials, query, maxTokens);
      const inputs = documents.map((document) => ({
        key: document,
        characters: query.length + document.length,
        cut: () => pair.cut(document),
      }));
      const ids = id === undefined ? [] : inputs.map(() => id);
      const ran = await line.add(new Batch(inputs, ids, groupTokens));
      return bestScores(ran, sigmoid, { tokens: 0, truncated: pair.truncated });
    },
    cancel: (id) => line.cancel(id),
    turn: () => line.turn(),
    async close(error) {
      line.end(error);
      await session.release();
    },
  };
}

async function ownGraph(folder: ModelFolder, shape: CrossEncoderShape, { groupTokens }: EncoderOptions) {
  const { hidden } = shape;
  const head = await readScoreHead(folder, shape);
  const logit = (states: Float32Array) => head(states.subarray(0, hidden));
  return { graph: { ...OWN_GRAPH, hidden, pairs: true }, logit, groupTokens };
}

/** A ready-made graph makes the logit itself, by products of one row a pair: so each pair runs alone. */
function firstOf(row: Float32Array): number {
  return row[0]!;
}
