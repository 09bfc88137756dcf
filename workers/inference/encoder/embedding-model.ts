// An embedding model in an engine: takes batches of texts, and runs them group by group, so that a large batch lets the
// generations beside it go on between two groups.

import type { EmbedOutput } from '../engine.ts';
import type { EncoderShape, ModelFolder } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { checkTexts } from '../text/check-text.ts';
import { type EncodedText, encodeTruncated, readTokenizer } from '../text/tokenizer.ts';
import { encodeGroup } from './encoder.ts';
import { groupsByLength } from './groups.ts';

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
  embed(texts: readonly string[]): Promise<EmbedOutput>;
  turn(): Promise<void>;
  close(error: Error): Promise<void>;
}

interface Batch {
  readonly encoded: readonly EncodedText[];
  readonly groups: number[][];
  /** One a different text. */
  readonly vectors: Float32Array[];
  readonly ended: PromiseWithResolvers<void>;
}

export async function openEmbeddingModel(
  folder: ModelFolder,
  shape: EncoderShape,
  { groupTokens }: EmbeddingModelOptions,
): Promise<EmbeddingModel> {
  const encode = encodeTruncated(await readTokenizer(folder), shape.maxTokens);
  const session = await openSession(folder);
  const batches: Batch[] = [];

  return {
    kind: 'embedding',
    folder,
    maxTokens: shape.maxTokens,
    get size() {
      return batches.length;
    },
    async embed(texts) {
      checkTexts(texts, 'texts');
      const different = [...new Set(texts)];
      const encoded = different.map(encode);
      const groups = groupsByLength(
        encoded.map(({ ids }) => ids.length),
        groupTokens,
      );
      const batch: Batch = { encoded, groups, vectors: [], ended: Promise.withResolvers() };
      batches.push(batch);
      await batch.ended.promise;
      const place = new Map(different.map((text, i) => [text, i]));
      const places = texts.map((text) => place.get(text)!);
      return {
        vectors: places.map((i) => batch.vectors[i]!),
        tokens: places.map((i) => encoded[i]!.ids.length),
        truncated: places.map((i) => encoded[i]!.truncated),
      };
    },
    async turn() {
      const batch = batches[0];
      const group = batch?.groups.shift();
      if (!batch || !group) return;
      try {
        const vectors = await encodeGroup(
          session,
          shape,
          group.map((i) => batch.encoded[i]!.ids),
        );
        for (const [k, i] of group.entries()) batch.vectors[i] = vectors[k]!;
        if (batch.groups.length > 0) return;
        batch.ended.resolve();
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
