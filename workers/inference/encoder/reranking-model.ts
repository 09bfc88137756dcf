// A cross-encoder in an engine: a query and each document go through it together, and a score comes out.

import { SteadyTextError } from '../../errors.ts';
import type { CrossEncoderShape, ModelFolder } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { tokenReader } from '../text/token-reader.ts';
import { readTokenizer, specialsAroundPair } from '../text/tokenizer.ts';
import { Batch } from './batch.ts';
import { BatchLine } from './batch-line.ts';
import { pairCutter } from './cut-pair.ts';
import type { BatchModel, EncoderOptions } from './embedding-model.ts';
import { encodeGroup } from './encoder.ts';
import { readScoreHead } from './score-head.ts';
import { bestScores, sigmoid } from './scores.ts';

export type RerankingModel = BatchModel<'reranking'>;

export async function openRerankingModel(
  folder: ModelFolder,
  shape: CrossEncoderShape,
  { groupTokens }: EncoderOptions,
): Promise<RerankingModel> {
  const { maxTokens, hidden } = shape;
  const files = await readTokenizer(folder);
  const reader = tokenReader(files, 8 * maxTokens);
  const specials = specialsAroundPair(files.tokenizer);
  if (specials === undefined)
    throw new SteadyTextError(
      'ModelUnsupported',
      `expected a tokenizer in ${folder.path} that puts pairs together as BERT's does, [CLS] query [SEP] document [SEP]`,
      { hint: "Bring the model's own tokenizer.json, with a post_processor for pairs." },
    );
  const taken = Object.values(specials).flat().length;
  if (maxTokens < taken + 2)
    throw new SteadyTextError(
      'ModelUnsupported',
      `expected ${folder.description.name} to take a token of a query and one of a document beside ${taken} of its own, it takes ${maxTokens} in all`,
      { hint: 'Correct model_max_length or max_seq_length in the settings of the model, and pin them anew.' },
    );
  const head = await readScoreHead(folder, shape);
  const graph = { session: await openSession(folder), hidden, pairs: true };
  const line = new BatchLine<number>((group) =>
    encodeGroup(graph, group, (states) => head(states.subarray(0, hidden))),
  );

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
      await graph.session.release();
    },
  };
}
