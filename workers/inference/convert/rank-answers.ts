// The two tokens by which a decoder answers whether a document meets a query, and the rows of its head that give their logits.

import { Tokenizer } from '@huggingface/tokenizers';
import type { RankAnswers } from '../model-folder.ts';
import { EMBEDDING, OUTPUT } from './graphs/gguf-tensors.ts';
import { unsupported } from './read/source-errors.ts';
import type { TensorFile } from './read/tensor-file.ts';
import type { TokenizerFiles } from './tokenizer/gguf-tokenizer.ts';

/**
 * What llama.cpp adds to a reranker: the rows of "yes" and "no" out of its head. Our logits come from the head itself, so these
 * are not used.
 */
export const RANK_HEAD = 'cls.output.weight';

/** Rounded apart from the table they still point the same way; rows of two other tokens do not. */
const SAME_ROW = 0.9;

export function rankAnswers(path: string, { tokenizer, config }: Omit<TokenizerFiles, 'endTokens'>): RankAnswers {
  const reads = new Tokenizer(tokenizer, config);
  const idOf = (answer: string) => {
    const ids: number[] = reads.encode(answer, { add_special_tokens: false }).ids;
    if (ids.length === 1 && reads.id_to_token(ids[0]!) === answer) return ids[0]!;
    const tokens = ids.map((id) => JSON.stringify(reads.id_to_token(id)));
    throw unsupported(
      path,
      `expected "${answer}" to be a token, by which a decoder that ranks answers, got ${tokens.join(' and ') || 'none'}`,
    );
  };
  return { yes: idOf('yes'), no: idOf('no') };
}

/** Refuses a file that has such rows in place of a head that is no embedding table: without it there are no logits. */
export function checkRankHead(file: TensorFile, { yes, no }: RankAnswers): void {
  if (!file.names.includes(RANK_HEAD) || file.names.includes(OUTPUT)) return;
  const [head, table] = [file.rows(RANK_HEAD), file.rows(EMBEDDING)];
  const same = [yes, no].every((id, row) => cosine(head.read(row, 1), table.read(id, 1)) > SAME_ROW);
  if (!same)
    throw unsupported(
      file.path,
      `has a ${RANK_HEAD} of other rows than those of "yes" and "no" in ${EMBEDDING}, and no ${OUTPUT}: expected the model's whole head`,
    );
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
