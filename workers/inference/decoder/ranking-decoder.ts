// A decoder that ranks, in an engine: it is asked whether a document answers a query, and the logits of "yes" and "no" make the
// score.

import { SteadyTextError } from '../../errors.ts';
import { Batch } from '../encoder/batch.ts';
import { BatchLine } from '../encoder/batch-line.ts';
import type { BatchModel } from '../encoder/embedding-model.ts';
import { bestScores, sigmoid } from '../encoder/scores.ts';
import type { DecoderShape, ModelFolder, RankAnswers } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { plainTokenizer } from '../text/plain-tokenizer.ts';
import { DEFAULT_INSTRUCTION, rankFrame } from '../text/rank-frame.ts';
import { readTokenizer } from '../text/tokenizer.ts';
import { tokenBytes } from '../token-bytes.ts';
import { LEAST_ROOM, rankCutter, roomIn } from './cut-ranked.ts';
import { BLOCK, cacheTokensOf } from './kv-cache.ts';
import type { PromptTokens } from './prompt-reader.ts';
import { RankReader } from './rank-reader.ts';

export interface RankingDecoderOptions {
  /** Bytes for keys and values: of the prompt that is being read, and of what is kept of earlier ones. */
  readonly cacheBytes: number;
  /** Of those, how many may be kept. */
  readonly prefixBytes: number;
  /** Threads of a run. */
  readonly threads: number;
}

export interface RankingDecoder extends BatchModel<'reranking'> {
  readonly promptTokens: PromptTokens;
}

export type RankingShape = DecoderShape & { readonly reranks: RankAnswers };

/**
 * A quarter of the memory is for what the prompts of a query begin with: where one prompt took all of it, each would be read from
 * its beginning.
 */
const FOR_PREFIXES = 1 / 4;

export async function openRankingDecoder(
  folder: ModelFolder,
  shape: RankingShape,
  { cacheBytes, prefixBytes, threads }: RankingDecoderOptions,
): Promise<RankingDecoder> {
  const model = folder.description.name;
  const { yes, no } = shape.reranks;
  const files = await readTokenizer(folder);
  const plain = plainTokenizer(files);
  const textIds = (text: string): readonly number[] => plain.encode(text, { add_special_tokens: false }).ids;
  const cacheTokens = cacheTokensOf(shape, cacheBytes);
  const maxTokens = Math.min(shape.maxTokens, cacheTokens - blocksOf(cacheTokens * FOR_PREFIXES));
  const prompts = { model, frame: rankFrame(files, model, textIds), textIds, maxTokens };
  if (roomIn(prompts) < LEAST_ROOM) throw tooSmall(model, maxTokens, maxTokens - roomIn(prompts));
  const session = await openSession(folder, threads);
  const prefixTokens = Math.floor(prefixBytes / tokenBytes(shape));
  const reader = new RankReader({ model, shape, session, cacheTokens, prefixTokens });
  // A prompt is a group of its own, and takes several turns.
  const line = new BatchLine<number>(async ([sequence]) => {
    const logits = await reader.chunk(sequence!);
    return logits && [logits[yes]! - logits[no]!];
  });

  return {
    kind: 'reranking',
    folder,
    maxTokens,
    get size() {
      return line.size;
    },
    get promptTokens() {
      return reader.tokens;
    },
    async rerank(query, documents, id, instruction = DEFAULT_INSTRUCTION) {
      const pair = rankCutter(prompts, { instruction, query });
      const inputs = documents.map((document) => ({
        key: document,
        characters: query.length + document.length,
        cut: () => pair.cut(document),
      }));
      const ids = id === undefined ? [] : inputs.map(() => id);
      const ran = await line.add(new Batch<number>(inputs, ids, 1));
      // Of two logits the softmax is the sigmoid of their difference.
      return bestScores(ran, sigmoid, { tokens: 0, truncated: pair.truncated });
    },
    cancel: (id) => line.cancel(id),
    async turn() {
      await line.turn();
      if (line.size === 0) reader.release();
    },
    async close(error) {
      line.end(error);
      reader.release();
      await session.release();
    },
  };
}

function blocksOf(tokens: number): number {
  return Math.floor(tokens / BLOCK) * BLOCK;
}

function tooSmall(model: string, maxTokens: number, taken: number): SteadyTextError {
  return new SteadyTextError(
    'ModelUnsupported',
    `expected room for ${taken + LEAST_ROOM} tokens in ${model}, of which ${taken} are the question that it is asked; it has room for ${maxTokens}`,
    {
      hint: 'Give the engines more memory for keys and values (STEADYTEXT_KV_CACHE_MB), or take a model of longer prompts.',
    },
  );
}
