// The converter's version names what it writes: folders are found by it, and receipts carry it. Whoever changes a byte of a
// graph or of rounded weights raises it, and sets the digests below anew.

import { expect, test } from 'vitest';
import { CONVERTER_VERSION } from '../../../workers/inference/convert/converter-version.ts';
import { tinyBert } from './tiny-bert.ts';
import { tinyLlama } from './tiny-llama.ts';
import { convertTiny, embeddingSource, textSource } from './tiny-source.ts';

const WRITTEN = {
  version: 10,
  digests: {
    'embedding fp32 graph.data': 'cb4dcfc4cb04f610',
    'embedding fp32 graph.onnx': '01e1fe387ba8b7f4',
    'embedding nb4 graph.data': '0de66fd6ac0b4a21',
    'embedding nb4 graph.onnx': 'ecc1d02b2b1238fc',
    'embedding nb8 graph.data': '2108aafa0d8b982a',
    'embedding nb8 graph.onnx': 'a94ce5bc4547f8ac',
    'embedding row8 graph.data': 'c8012a97818b946e',
    'embedding row8 graph.onnx': 'fd2e06a5dae29dc4',
    'embedding row8u graph.data': '5ce44abfcf80afdd',
    'embedding row8u graph.onnx': '39de1400ee480cf1',
    'text fp32 graph.data': 'ef8397b419fe0642',
    'text fp32 graph.onnx': '8b0b59a92f53345d',
    'text nb4 graph.data': 'd700ea8c9e3ebf52',
    'text nb4 graph.onnx': 'bd2044443fb0ba78',
    'text nb8 graph.data': 'c2ca39c4381596e5',
    'text nb8 graph.onnx': '511dc0ade3bc746f',
    'text row8 graph.data': 'b0007eb02feb260e',
    'text row8 graph.onnx': '549d8a0644a86ca7',
    'text row8u graph.data': '5aa9758a7d24b4bf',
    'text row8u graph.onnx': '0f07aed4a500c59f',
  },
};

test('the bytes that are written are those of the version', async () => {
  const digests: Record<string, string> = {};
  // On every CPU, whether it runs them or not.
  for (const format of ['row8', 'row8u', 'nb8', 'nb4', 'fp32'] as const) {
    const text = await convertTiny(textSource(tinyLlama(1, { tied: true }).bytes), format);
    const embedding = await convertTiny(embeddingSource(tinyBert(1)), format);
    for (const [kind, { description }] of Object.entries({ text, embedding })) {
      for (const file of ['graph.onnx', 'graph.data'])
        digests[`${kind} ${format} ${file}`] = description.files[file]!.sha256.slice(0, 16);
    }
  }
  expect({ version: CONVERTER_VERSION, digests }).toEqual(WRITTEN);
});
