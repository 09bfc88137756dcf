// Source files with bytes changed at random: each is converted or refused in one sentence; none crashes the converter, hangs
// it, or makes it ask for memory that the file does not account for.

import { expect, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import { convertModel } from '../../../workers/inference/convert/convert-model.ts';
import { encodeQ80 } from './ggml-encoders.ts';
import { type Seeded, seeded } from './seeded.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyLlama } from './tiny-llama.ts';
import { embeddingSource, taskOf, textSource, unfinished } from './tiny-source.ts';

const ROUNDS = 200;
const MOST_EXTRA_BYTES = 150e6; // what the runtime itself takes between two collections; one absurd size would be gigabytes

/** One to three changes within the first `within` bytes; sometimes the end is cut off as well. */
function mutated(bytes: Buffer, within: number, random: Seeded): Buffer {
  const changed = Buffer.from(bytes);
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(within - 8);
    const kind = random.below(4);
    if (kind === 0) changed[at] = changed[at]! ^ (1 << random.below(8));
    else if (kind === 1) changed[at] = random.below(256);
    else if (kind === 2) changed.writeUInt32LE(random.below(2) === 0 ? 0xffffffff : random.below(2 ** 16), at);
    else changed.writeBigUInt64LE(BigInt(random.below(2 ** 31)) << BigInt(random.below(33)), at);
  }
  return random.below(8) === 0 ? changed.subarray(0, random.below(changed.length)) : changed;
}

const llama = tinyLlama(1, { encode: encodeQ80 }).bytes;
const bert = tinyBert(1);
const bertHeader = 8 + Number(bert.bytes.readBigUInt64LE());

test.for([
  ['GGUF', (random: Seeded) => textSource(mutated(llama, 4000, random))],
  ['safetensors', (random: Seeded) => embeddingSource({ ...bert, bytes: mutated(bert.bytes, 2 * bertHeader, random) })],
] as const)('%s files with random changes are converted or refused', { timeout: 120_000 }, async ([, make]) => {
  const outcomes = new Map<string, number>();
  const before = process.resourceUsage().maxRSS;
  for (let round = 1; round <= ROUNDS; round++) {
    const tiny = make(seeded(round * 7919));
    const outcome = await convertModel(taskOf(tiny, 'nb8')).then(
      () => 'converted',
      (error: unknown) => {
        if (!isSteadyTextError(error)) throw new Error(`Round ${round}: ${error}`, { cause: error });
        expect(error.message.split('\n')).toHaveLength(1);
        return error.name;
      },
    );
    expect(unfinished(tiny), `round ${round}`).toEqual([]);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(MOST_EXTRA_BYTES);
  // The changes are neither all harmless nor all caught at the first byte.
  expect([...outcomes.keys()].sort()).toEqual(['ModelCorrupt', 'ModelUnsupported', 'converted']);
});
