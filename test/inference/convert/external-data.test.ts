// A graph names the files that onnxruntime opens: only its own folder's weights may be among them.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { externalPlaces } from '../../../workers/inference/convert/folder/external-data.ts';
import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import { ProtobufMessage } from '../../../workers/inference/convert/onnx/protobuf.ts';
import { seeded } from './seeded.ts';
import { tinyLlama } from './tiny-llama.ts';
import { convertTiny, textSource } from './tiny-source.ts';

async function convertedFolder(): Promise<string> {
  return (await convertTiny(textSource(tinyLlama(1).bytes), 'fp32')).path;
}

/** Changes the graph and describes the change, as somebody would who wants it to be loaded. */
function replaceGraph(path: string, change: (graph: Buffer) => Buffer): void {
  const graph = change(readFileSync(join(path, 'graph.onnx')));
  writeFileSync(join(path, 'graph.onnx'), graph);
  const description = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
  description.files['graph.onnx'] = { sha256: createHash('sha256').update(graph).digest('hex'), bytes: graph.length };
  writeFileSync(join(path, 'model.json'), JSON.stringify(description));
}

/** A change of the graph's bytes seen as text: one letter a byte. */
const replaced = (from: RegExp, to: string) => (graph: Buffer) =>
  Buffer.from(graph.toString('latin1').replace(from, to), 'latin1');

test('a graph of ours names graph.data only, within its size', async () => {
  const path = await convertedFolder();
  const places = externalPlaces(readFileSync(join(path, 'graph.onnx')));
  const size = readFileSync(join(path, 'graph.data')).length;
  expect(places.length).toBeGreaterThan(10);
  expect(places.every(({ location }) => location === 'graph.data')).toBe(true);
  expect(Math.max(...places.map(({ offset, length }) => offset + length))).toBe(size);
});

describe('a described graph is still refused when it names', () => {
  test.for([
    ['another file', replaced(/graph\.data/, '../../pass'), 'expected weights in graph.data, got "../../pass"'],
    ['more than the file has', replaced(/(?<key>length..)\d{5}/s, '$<key>9e999'), 'expected weights within graph.data'],
    ['nothing readable', () => Buffer.from([0x3a, 0xff]), 'expected graph.onnx as the converter writes it'],
  ] as const)('%s', async ([, change, message]) => {
    const path = await convertedFolder();
    replaceGraph(path, change);
    await expect(openModelFolder(path)).rejects.toMatchObject({
      name: 'ModelCorrupt',
      message: expect.stringContaining(message),
    });
  });

  test('weights inside a node, or a function', () => {
    const tensorAttribute = new ProtobufMessage().bytes(1, 'value').bytes(5, new ProtobufMessage().int(2, 1));
    const node = new ProtobufMessage().bytes(4, 'Constant').bytes(5, tensorAttribute);
    const model = (graph: ProtobufMessage) => new ProtobufMessage().bytes(7, graph).finish();
    expect(() => externalPlaces(model(new ProtobufMessage().bytes(1, node)))).toThrow('a tensor or a graph of its own');
    expect(() => externalPlaces(new ProtobufMessage().bytes(25, 'f').finish())).toThrow('functions');
  });
});

test('random changes of a graph are read or refused, never more', async () => {
  const graph = readFileSync(join(await convertedFolder(), 'graph.onnx'));
  const random = seeded(5);
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    const changed = Buffer.from(graph);
    for (let changes = 0; changes < 3; changes++) changed[random.below(changed.length)] = random.below(256);
    try {
      externalPlaces(changed);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect([RangeError, TypeError]).toContain((error as Error).constructor);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});
