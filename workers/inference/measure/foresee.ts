// How well a text model foresees a text: what each token costs it, by the chunks in which an engine reads prompts.

import { Forward } from '../decoder/forward.ts';
import { BLOCK, KvCache, toBlocks } from '../decoder/kv-cache.ts';
import { promptContext } from '../decoder/prompt-context.ts';
import type { DecoderShape, ModelFolder } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { readTokenizer } from '../text/tokenizer.ts';

/** Tokens that are read from an empty beginning; each but the first is foreseen from those before it. */
export const WINDOW = 256;

/** A window's loss is the sum of −ln p of its tokens. */
export interface WindowLoss {
  readonly loss: number;
  readonly tokens: number;
}

export interface ForeseeOptions {
  /** At most so many tokens of the text are read. Default all. */
  readonly tokens?: number;
  readonly window?: number;
}

/** One entry a window, in the order of the text; a last window of one token has none. */
export async function foresee(folder: ModelFolder, text: string, options: ForeseeOptions = {}): Promise<WindowLoss[]> {
  const { tokens = Number.POSITIVE_INFINITY, window = WINDOW } = options;
  const { tokenizer } = await readTokenizer(folder);
  const ids: readonly number[] = [...tokenizer.encode(text, { add_special_tokens: false }).ids].slice(0, tokens);
  const shape = folder.description.shape as DecoderShape;
  const longest = Math.min(window, shape.maxTokens);
  const session = await openSession(folder);
  try {
    const forward = new Forward(session, shape);
    const losses: WindowLoss[] = [];
    for (let from = 0; from + 1 < ids.length; from += longest)
      losses.push(await windowLoss(forward, shape, ids.slice(from, from + longest)));
    return losses;
  } finally {
    await session.release();
  }
}

async function windowLoss(forward: Forward, shape: DecoderShape, ids: readonly number[]): Promise<WindowLoss> {
  const cache = new KvCache(shape, 1, toBlocks(ids.length));
  let loss = 0;
  for (let at = 0; at < ids.length; at += BLOCK) {
    const tokens = ids.slice(at, at + BLOCK);
    const context = promptContext(shape, cache, tokens.length);
    const step = { tokens, length: at, recent: 0, asked: tokens.length };
    const { fresh, next } = await forward.run(context, [step], tokens.length, true);
    cache.append(0, at, fresh, tokens.length);
    for (const [i, { logits }] of next[0]!.entries()) {
      const following = ids[at + i + 1];
      if (following !== undefined) loss += logOfSum(logits!) - logits![following]!;
    }
  }
  forward.release();
  cache.release();
  return { loss, tokens: ids.length - 1 };
}

/** ln Σ eˣ. */
function logOfSum(row: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of row) if (value > most) most = value;
  let sum = 0;
  for (const value of row) sum += Math.exp(value - most);
  return most + Math.log(sum);
}
