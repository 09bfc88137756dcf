// A decoder in double precision, from the weights as a GGUF file of its family holds them: written from what the families are,
// and not from the graph.
//   llama: numbers 2i and 2i+1 of a head turn together
//   qwen2: numbers i and i + headSize/2 turn together; queries, keys and values have biases
//   qwen3: as qwen2 without biases; each head of queries and keys is normalised before it is turned

import { add, type Matrix, rmsNorm, silu, softmax, times } from './plain-maths.ts';

export type Family = 'llama' | 'qwen2' | 'qwen3';

export interface DecoderModel {
  readonly family: Family;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly ropeBase: number;
  readonly epsilon: number;
  /** Names without ".weight"; a vector is one row. */
  readonly weights: ReadonlyMap<string, Matrix>;
}

type Rows = readonly (readonly number[])[];

/** Logits after each of the tokens. */
export function decoderLogits(model: DecoderModel, ids: readonly number[]): number[][] {
  const weight = weightsOf(model);
  const norm = (x: readonly number[], name: string) => rmsNorm(x, weight(name)[0]!, model.epsilon);
  let states: number[][] = ids.map((id) => [...weight('token_embd')[id]!]);
  for (let layer = 0; layer < model.layers; layer++) {
    const part = (name: string) => `blk.${layer}.${name}`;
    const attended = attention(
      model,
      states.map((x) => norm(x, part('attn_norm'))),
      part,
    );
    states = states.map((x, i) => add(x, attended[i]!));
    states = states.map((x) => {
      const y = norm(x, part('ffn_norm'));
      const up = times(weight(part('ffn_up')), y);
      const gated = times(weight(part('ffn_gate')), y).map((value, i) => silu(value) * up[i]!);
      return add(x, times(weight(part('ffn_down')), gated));
    });
  }
  const head = model.weights.get('output') ?? weight('token_embd');
  return states.map((x) => times(head, norm(x, 'output_norm')));
}

function weightsOf({ weights, family }: DecoderModel): (name: string) => Matrix {
  return (name) => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`A tiny ${family} has no ${name}`);
    return found;
  };
}

function attention(model: DecoderModel, states: Rows, part: (name: string) => string): number[][] {
  const { heads, kvHeads, headSize } = model;
  const weight = weightsOf(model);
  const projected = (which: 'q' | 'k' | 'v', x: readonly number[]) => {
    const product = times(weight(part(`attn_${which}`)), x);
    return model.family === 'qwen2' ? add(product, weight(part(`attn_${which}.bias`))[0]!) : product;
  };
  /** Each head of a query or key, as it meets the others. */
  const placed = (which: 'q' | 'k', x: readonly number[], position: number) =>
    headsOf(projected(which, x), headSize).map((head) => {
      const gains = model.family === 'qwen3' ? weight(part(`attn_${which}_norm`))[0]! : undefined;
      return turned(model, gains ? rmsNorm(head, gains, model.epsilon) : head, position);
    });
  const queries = states.map((x, position) => placed('q', x, position));
  const keys = states.map((x, position) => placed('k', x, position));
  const values = states.map((x) => headsOf(projected('v', x), headSize));
  return queries.map((query, position) => {
    const out = query.flatMap((own, head) => {
      const shared = Math.floor(head / (heads / kvHeads));
      const seen = keys.slice(0, position + 1).map((key) => key[shared]!);
      const scores = seen.map((key) => own.reduce((sum, value, i) => sum + value * key[i]!, 0) / Math.sqrt(headSize));
      const shares = softmax(scores);
      return own.map((_, i) => shares.reduce((sum, share, other) => sum + share * values[other]![shared]![i]!, 0));
    });
    return times(weight(part('attn_output')), out);
  });
}

function headsOf(x: readonly number[], headSize: number): number[][] {
  return Array.from({ length: x.length / headSize }, (_, head) => x.slice(head * headSize, (head + 1) * headSize));
}

/** Pair i of a head is turned by position ÷ base^(2i/headSize). */
function turned({ family, ropeBase }: DecoderModel, head: readonly number[], position: number): number[] {
  const half = head.length / 2;
  const result = [...head];
  for (let pair = 0; pair < half; pair++) {
    const [first, second] = family === 'llama' ? [2 * pair, 2 * pair + 1] : [pair, pair + half];
    const angle = position / ropeBase ** (pair / half);
    result[first] = head[first]! * Math.cos(angle) - head[second]! * Math.sin(angle);
    result[second] = head[first]! * Math.sin(angle) + head[second]! * Math.cos(angle);
  }
  return result;
}
