// Source files with bytes changed at random: each is opened or refused in one sentence; none crashes the converter, hangs it, or
// makes it ask for memory that the file does not account for. What opens can be converted, or is refused in one sentence then.

import { closeSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import { convertModel } from '../../../workers/inference/convert/convert-model.ts';
import { openSourceModel } from '../../../workers/inference/convert/source-model.ts';
import { ENCODERS } from './encoders.ts';
import { type Seeded, seeded } from './seeded.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyDecoder } from './tiny-decoder.ts';
import { tinyOnnxBert } from './tiny-onnx-bert.ts';
import { embeddingSource, readyMadeSource, type TinySource, taskOf, textSource, unfinished } from './tiny-source.ts';

const ROUNDS = 2000;
const MOST_CONVERSIONS = 60; // 20 ms each, where a refusal takes less than one
const MOST_EXTRA_BYTES = 150e6; // what the runtime itself takes between two collections; one absurd size would be gigabytes

/** One to three changes. */
function mutated(header: Buffer, random: Seeded): Buffer {
  const changed = Buffer.from(header);
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(changed.length - 8);
    const kind = random.below(4);
    if (kind === 0) changed[at] = changed[at]! ^ (1 << random.below(8));
    else if (kind === 1) changed[at] = random.below(256);
    else if (kind === 2) changed.writeUInt32LE(random.below(2) === 0 ? 0xffffffff : random.below(2 ** 16), at);
    else changed.writeBigUInt64LE(BigInt(random.below(2 ** 31)) << BigInt(random.below(33)), at);
  }
  return changed;
}

/** Puts a changed header before the numbers; sometimes the end is cut off as well. */
function writeMutated(path: string, { bytes, headerBytes }: Whole, random: Seeded): void {
  const isWhole = statSync(path).size === bytes.length;
  const header = mutated(bytes.subarray(0, headerBytes), random);
  const descriptor = openSync(path, 'r+');
  // Only what an earlier round has cut off is written again: all of it each time took half as long again.
  if (!isWhole) writeSync(descriptor, bytes);
  writeSync(descriptor, header, 0, header.length, 0);
  if (random.below(8) === 0) ftruncateSync(descriptor, random.below(bytes.length));
  closeSync(descriptor);
}

interface Whole {
  readonly bytes: Buffer;
  /** What is changed is within the first so many bytes. */
  readonly headerBytes: number;
}

const WIDE = { hidden: 256, feedForward: 256, heads: 4, kvHeads: 1, headSize: 64, tied: true };

function decoders(): Whole[] {
  return [
    tinyDecoder('llama', 1, { encode: ENCODERS.Q8_0! }),
    tinyDecoder('qwen2', 1, { encode: ENCODERS.F16! }),
    tinyDecoder('qwen3', 1, { encode: ENCODERS.Q4_1! }),
    tinyDecoder('llama', 1, { encode: ENCODERS.Q4_K!, ...WIDE }),
    tinyDecoder('qwen2', 1, { encode: ENCODERS.Q5_K!, ...WIDE }),
    tinyDecoder('qwen3', 1, { encode: ENCODERS.Q6_K!, ...WIDE }),
  ];
}

function encoders(): Whole[] {
  const { bytes } = tinyBert(1);
  // No change of a safetensors header is harmless: half of them go to the numbers behind it.
  return [{ bytes, headerBytes: 2 * (8 + Number(bytes.readBigUInt64LE())) }];
}

/** Names, sizes and nodes of a graph lie between its weights, so changes go anywhere: small matrices make them the most of it. */
function readyMade(): Whole[] {
  return [tinyOnnxBert(tinyBert(1)), tinyOnnxBert(tinyBert(1), { location: 'model.onnx_data' })].map(({ graph }) => ({
    bytes: graph,
    headerBytes: graph.length,
  }));
}

test.for([
  ['GGUF', 'text', decoders, (whole: Whole) => textSource(whole.bytes)],
  ['safetensors', 'embedding', encoders, (whole: Whole) => embeddingSource({ ...tinyBert(1), ...whole })],
  ['ONNX', 'embedding', readyMade, (whole: Whole) => readyMadeSource({ ...tinyBert(1), ...whole })],
] as const)(
  '%s files with random changes in their headers are opened or refused',
  { timeout: 120_000 },
  async ([what, kind, make, sourceOf]) => {
    const wholes = make();
    const sources = wholes.map(sourceOf);
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const before = process.resourceUsage().maxRSS;
    for (let round = 1; round <= ROUNDS; round++) {
      const [whole, tiny] = [wholes[round % wholes.length]!, sources[round % wholes.length]!];
      writeMutated(tiny.sourceFiles.weights!, whole, seeded(round * 7919));
      const opened = await outcomeOf(round, () =>
        openSourceModel(kind, tiny.sourceFiles, what === 'ONNX' ? 'onnx' : undefined).file.close(),
      );
      count(opened);
      if (opened !== 'taken' || (outcomes.get('converted') ?? 0) >= MOST_CONVERSIONS) continue;
      const converted = await outcomeOf(round, () => convertTo(tiny, String(round)));
      expect(unfinished(tiny), `round ${round}`).toEqual([]);
      count(converted === 'taken' ? 'converted' : converted);
    }
    expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(MOST_EXTRA_BYTES);
    // The changes are neither all harmless nor all caught at the first byte.
    expect([...outcomes.keys()].sort()).toEqual(['ModelCorrupt', 'ModelUnsupported', 'converted', 'taken']);
  },
);

async function outcomeOf(round: number, take: () => unknown): Promise<string> {
  try {
    await take();
    return 'taken';
  } catch (error) {
    if (!isSteadyTextError(error)) throw new Error(`Round ${round}: ${error}`, { cause: error });
    expect(error.message.split('\n')).toHaveLength(1);
    return error.name;
  }
}

/** Into a folder of its own each time. */
function convertTo(tiny: TinySource, name: string) {
  return convertModel({ ...taskOf(tiny, 'nb8'), outDir: join(tiny.folder, 'converted', name) });
}
