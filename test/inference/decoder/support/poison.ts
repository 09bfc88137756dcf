// A token whose embedding is not a number, as a sum that overflows would make it. The converter lets no such weight in, so it is
// written into the converted file.

import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecoderShape, ModelFolder } from '../../../../workers/inference/model-folder.ts';

/** Makes the token's floats in graph.data NaN: its weights in fp32, the scales of its blocks in the other formats. */
export async function poisonEmbedding({ path, description }: ModelFolder, token: number): Promise<void> {
  const name = description.format === 'fp32' ? 'token_embd.weight' : 'token_embd.weight.gathered_scales';
  const graph = (await readFile(join(path, 'graph.onnx'))).toString('latin1');
  const place = new RegExp(`${name}[^]{0,60}?offset[^]{2}(\\d+)[^]{0,20}?length[^]{2}(\\d+)`).exec(graph)!;
  const [offset, length] = [Number(place[1]), Number(place[2])];
  const size = length / (description.shape as DecoderShape).vocabulary;
  const file = await open(join(path, 'graph.data'), 'r+');
  await file.write(new Float32Array(size / 4).fill(Number.NaN), 0, size, offset + token * size);
  await file.close();
}
