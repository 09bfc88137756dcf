// A llama-family decoder in double precision, from the weights as a GGUF file holds them.

import { add, type Matrix, rmsNorm, silu, softmax, times } from './plain-maths.ts';

export interface LlamaModel {
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly ropeBase: number;
  readonly epsilon: number;
  readonly weights: ReadonlyMap<string, Matrix>;
}

/** Logits after each of the tokens. */
export function llamaLogits(model: LlamaModel, ids: readonly number[]): number[][] {
  const weight = (name: string) => model.weights.get(name)!;
  const norm = (x: readonly number[], name: string) => rmsNorm(x, weight(name)[0]!, model.epsilon);
  let states = ids.map((id) => [...weight('token_embd.weight')[id]!]);
  for (let layer = 0; layer < model.layers; layer++) {
    const part = (name: string) => `blk.${layer}.${name}.weight`;
    const attended = attention(
      model,
      states.map((x) => norm(x, part('attn_norm'))),
      (name) => weight(part(name)),
    );
    states = states.map((x, i) => add(x, attended[i]!));
    states = states.map((x) => {
      const y = norm(x, part('ffn_norm'));
      const up = times(weight(part('ffn_up')), y);
      const gated = times(weight(part('ffn_gate')), y).map((value, i) => silu(value) * up[i]!);
      return add(x, times(weight(part('ffn_down')), gated));
    });
  }
  const head = model.weights.get('output.weight') ?? weight('token_embd.weight');
  return states.map((x) => times(head, norm(x, 'output_norm.weight')));
}

function attention(model: LlamaModel, states: readonly number[][], weight: (part: string) => Matrix): number[][] {
  const { heads, kvHeads, headSize } = model;
  const rotate = (x: readonly number[], position: number) => rotated(model, x, position);
  const queries = states.map((x, position) => rotate(times(weight('attn_q'), x), position));
  const keys = states.map((x, position) => rotate(times(weight('attn_k'), x), position));
  const values = states.map((x) => times(weight('attn_v'), x));
  return queries.map((query, position) => {
    const out: number[] = [];
    for (let head = 0; head < heads; head++) {
      const from = Math.floor(head / (heads / kvHeads)) * headSize;
      const own = query.slice(head * headSize, (head + 1) * headSize);
      const past = Array.from({ length: position + 1 }, (_, other) => other);
      const score = (other: number) => own.reduce((sum, value, i) => sum + value * keys[other]![from + i]!, 0);
      const shares = softmax(past.map((other) => score(other) / Math.sqrt(headSize)));
      for (let i = 0; i < headSize; i++)
        out.push(shares.reduce((sum, share, other) => sum + share * values[other]![from + i]!, 0));
    }
    return times(weight('attn_output'), out);
  });
}

/** As in a GGUF file, neighbours (2i, 2i+1) are turned together. */
function rotated({ headSize, ropeBase }: LlamaModel, x: readonly number[], position: number): number[] {
  const turned = [...x];
  for (let pair = 0; pair < x.length / 2; pair++) {
    const angle = position / ropeBase ** ((2 * (pair % (headSize / 2))) / headSize);
    const [a, b] = [x[2 * pair]!, x[2 * pair + 1]!];
    turned[2 * pair] = a * Math.cos(angle) - b * Math.sin(angle);
    turned[2 * pair + 1] = a * Math.sin(angle) + b * Math.cos(angle);
  }
  return turned;
}
