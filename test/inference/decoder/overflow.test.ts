// Weights that are numbers, but so large that the scores of one head of attention overflow: the softmax of infinities is no number,
// and the generation says so, whichever head it is. In nb8 a block may round it to a number: docs/errors.md, ST074.

import { expect, test } from 'vitest';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { tinyLlama } from '../convert/tiny-llama.ts';
import { convertTiny, textSource } from '../convert/tiny-source.ts';
import { ROWS } from '../formats.ts';

const [HIDDEN, HEAD_SIZE, GROUP] = [64, 16, 2];

/** A file whose head `head` of the last layer has scores of about 1e39 and more. */
function overflowing(head: number): Buffer {
  const tiny = tinyLlama(7, { endless: true });
  const bytes = Buffer.from(tiny.bytes);
  const scale = (name: string, from: number, by: number) => {
    const dimensions = bytes.indexOf(name) + name.length;
    const offset = dimensions + 4 + 8 * bytes.readUInt32LE(dimensions) + 4;
    const at = tiny.headerBytes + Number(bytes.readBigUInt64LE(offset)) + 4 * from * HIDDEN;
    for (let i = at; i < at + 4 * HEAD_SIZE * HIDDEN; i += 4) bytes.writeFloatLE(bytes.readFloatLE(i) * by, i);
  };
  scale('blk.1.attn_q.weight', head * HEAD_SIZE, 1e25);
  scale('blk.1.attn_k.weight', Math.floor(head / GROUP) * HEAD_SIZE, 1e14);
  return bytes;
}

test.for([ROWS, 'nb4', 'fp32'].flatMap((format) => [0, 1, 2, 3].map((head) => [format, head] as const)))(
  '%s, head %i',
  async ([format, head]) => {
    const folder = await convertTiny(textSource(overflowing(head)), format as typeof ROWS);
    const engine = createLocalEngine({ slots: 2 });
    const model = await engine.load(folder);
    const input = { id: 'a', model: model.name, prompt: 'the king', maxTokens: 20, stop: [], temperature: 0, seed: 0 };
    await expect(engine.generate(input)).rejects.toMatchObject({ name: 'NotFinite' });
    await engine.close();
  },
);
