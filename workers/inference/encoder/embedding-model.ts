// An embedding model in an engine: takes batches of texts, and runs them group by group, so that a large batch lets the
// generations and the other batches beside it go on between two groups.

import type { EmbedOutput } from '../engine.ts';
import type { EncoderShape, ModelFolder } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { checkTexts } from '../text/check-text.ts';
import { encodeTruncated, readTokenizer } from '../text/tokenizer.ts';
import { Batch } from './batch.ts';
import { encodeGroup } from './encoder.ts';
import { nextBatch } from './next-batch.ts';

export interface EmbeddingModelOptions {
  /** Padded tokens of a group. */
  readonly groupTokens: number;
}

export interface EmbeddingModel {
  readonly kind: 'embedding';
  readonly folder: ModelFolder;
  /** Longest input; what is longer is cut. */
  readonly maxTokens: number;
  readonly size: number;
  /** `ids` name the texts in `cancel`, one a text. */
  embed(texts: readonly string[], ids?: readonly string[]): Promise<EmbedOutput>;
  /** Leaves out what has that name, unless it runs just now; a batch of which nothing is left ends in its next turn. */
  cancel(id: string): void;
  turn(): Promise<void>;
  close(error: Error): Promise<void>;
}

export async function openEmbeddingModel(
  folder: ModelFolder,
  shape: EncoderShape,
  { groupTokens }: EmbeddingModelOptions,
): Promise<EmbeddingModel> {
  const encode = encodeTruncated(await readTokenizer(folder), shape.maxTokens);
  const session = await openSession(folder);
  /** Those whose last turn is longest ago first. */
  const batches: Batch[] = [];
  let turns = 0;

  const runGroup = (group: readonly (readonly number[])[]) => encodeGroup(session, shape, group);

  return {
    kind: 'embedding',
    folder,
    maxTokens: shape.maxTokens,
    get size() {
      return batches.length;
    },
    async embed(texts, ids = []) {
      checkTexts(texts, 'texts');
      const batch = new Batch(texts, ids, groupTokens);
      batches.push(batch);
      return batch.ended.promise;
    },
    cancel(id) {
      for (const batch of batches) batch.cancel(id);
    },
    async turn() {
      const next = nextBatch(
        batches.map(({ left }) => left),
        turns++,
      );
      const [batch] = batches.splice(next, 1);
      if (!batch) return;
      batches.push(batch);
      try {
        if (batch.left > 0 && batch.encode(encode)) await batch.runGroup(runGroup);
        if (batch.left > 0) return;
        batch.ended.resolve(batch.output());
      } catch (error) {
        batch.ended.reject(error);
      }
      batches.splice(batches.indexOf(batch), 1);
    },
    async close(error) {
      for (const batch of batches.splice(0)) batch.ended.reject(error);
      await session.release();
    },
  };
}
