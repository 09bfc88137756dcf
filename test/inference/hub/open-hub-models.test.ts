// Models of the hub on disk: fetched at one commit, compared with what they were, and refused when they are others.

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProtobufMessage } from '../../../workers/inference/convert/onnx/protobuf.ts';
import { type HubModel, parseHubModels } from '../../../workers/inference/hub/hub-models.ts';
import { openHubModels } from '../../../workers/inference/hub/open-hub-models.ts';
import { checkTransformers } from '../../../workers/inference/hub/transformers-library.ts';
import { weightPlaces } from '../../../workers/inference/hub/weight-places.ts';
import { COMMIT, hubOf, REPO } from '../add/support.ts';
import { OnnxWriter } from '../convert/onnx-writer.ts';
import { tinyEncoder } from '../engine/tiny-encoders.ts';
import { CLOSED, send, startHub, tempFolder, withOtherFirstByte } from '../store/support.ts';
import { folderOf, inFolder, tinyDecoder, tinyEncoderFiles } from './tiny-hub.ts';

const PATIENCE = { connectMs: 1_000, silenceMs: 1_000, slowMs: 2_000, leastBytes: 1_000 };
const ENCODER = tinyEncoderFiles(tinyEncoder(21));
const fetched: HubModel = { ...inFolder('hub/tiny', 'embedding', ''), source: { repo: REPO, revision: COMMIT } };

async function open(model: HubModel, cacheDir: string, hfEndpoint = CLOSED) {
  const [folder] = await openHubModels([model], { cacheDir, hfEndpoint, patience: PATIENCE });
  return folder!;
}

/** As a hub answers for a commit. */
function hub(files = ENCODER, changes: Parameters<typeof startHub>[0] = {}, more: object = {}) {
  const { [`/api/models/${REPO}/revision/main?blobs=true`]: list, ...rest } = hubOf(
    [...files, { path: 'pytorch_model.bin', body: Buffer.alloc(9) }],
    more,
  );
  return startHub({ ...rest, [`/api/models/${REPO}/revision/${COMMIT}?blobs=true`]: list!, ...changes });
}

test('files of a commit are fetched once, those that are needed alone', async () => {
  const cacheDir = await tempFolder();
  const { url, asked } = await hub();
  const folder = await open(fetched, cacheDir, url);
  expect(asked.filter((path) => path.includes('/resolve/')).sort()).toEqual(
    ENCODER.map(({ path }) => `/${REPO}/resolve/${COMMIT}/${path}`).sort(),
  );
  expect(folder.path).toBe(join(cacheDir, 'hub', REPO.replace('/', '--'), COMMIT, 'fp32'));
  expect(folder.description).toMatchObject({
    ...{ name: 'hub/tiny', format: 'own', licence: 'apache-2.0', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    shape: { architecture: 'hub', kind: 'embedding', maxTokens: 24, dimension: 64, pooling: 'mean', normalize: true },
  });
  expect(await open(fetched, cacheDir)).toEqual(folder);
  expect(await readdir(join(cacheDir, 'hub', 'tmp'))).toEqual([]);
});

test.for([
  ['bytes of another digest', { [`/${REPO}/resolve/${COMMIT}/onnx/model.onnx`]: otherGraph() }, {}, /expected sha256/],
  ['another commit', {}, { sha: '0'.repeat(40) }, /expected commit c0ffee.*answered with 0000/],
  [
    'nothing',
    { [`/${REPO}/resolve/${COMMIT}/config.json`]: send(Buffer.alloc(0)) },
    {},
    /config\.json: expected \d+ bytes, got 0/,
  ],
] as const)('a hub that gives %s leaves nothing behind', async ([, changes, more, message]) => {
  const cacheDir = await tempFolder();
  const { url } = await hub(ENCODER, changes, more);
  await expect(open(fetched, cacheDir, url)).rejects.toMatchObject({
    ...{ name: 'ModelUnavailable', message: expect.stringMatching(message) },
  });
  await expect(readdir(join(cacheDir, 'hub', REPO.replace('/', '--')))).rejects.toMatchObject({ code: 'ENOENT' });
});

function otherGraph() {
  return send(withOtherFirstByte(ENCODER[0]!.body));
}

test('a repository without such a graph says which it has', async () => {
  const { url } = await hub();
  await expect(open({ ...fetched, dtype: 'q4' }, await tempFolder(), url)).rejects.toMatchObject({
    name: 'ModelUnsupported',
    message: expect.stringMatching(/expected onnx\/model_q4\.onnx, got graphs for dtype fp32$/),
  });
});

test('a file that was changed, was added or is gone is refused, and the hint says what to do', async () => {
  const cacheDir = await tempFolder();
  const { url } = await hub();
  const { path } = await open(fetched, cacheDir, url);
  const graph = join(path, 'onnx/model.onnx');
  const whole = await readFile(graph);
  const refused = (message: RegExp) =>
    expect(open(fetched, cacheDir)).rejects.toMatchObject({
      ...{ name: 'ModelCorrupt', message: expect.stringMatching(message), hint: expect.stringContaining(path) },
    });
  await writeFile(graph, withOtherFirstByte(whole));
  await refused(/model\.onnx: expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}$/);
  await writeFile(graph, whole);
  await open(fetched, cacheDir);
  await writeFile(join(path, 'generation_config.json'), '{}');
  await refused(/expected the files .*, got .*generation_config\.json/);
  await rm(join(path, 'generation_config.json'));
  await rm(join(path, 'tokenizer.json'));
  await refused(/expected the files .*tokenizer\.json/);
});

test('files of a folder stay where they are and are held to what they were', async () => {
  const cacheDir = await tempFolder();
  const folder = await folderOf(tinyDecoder());
  const [model] = parseHubModels(
    JSON.stringify({ models: [{ name: 'a', kind: 'text', source: folder, dtype: 'fp32', max_tokens: 100 }] }),
    'hub.json',
  );
  const { description, path } = await open(model!, cacheDir);
  expect(path).toBe(folder);
  expect(description.shape).toMatchObject({ kind: 'text', maxTokens: 100, dimension: null });
  await writeFile(join(folder, 'generation_config.json'), '{}');
  const error = await open(model!, cacheDir).catch((caught) => caught);
  expect(error).toMatchObject({ name: 'ModelCorrupt', message: expect.stringContaining('generation_config.json') });
  await rm(/delete (\S+),/.exec(error.hint)![1]!);
  expect((await open(model!, cacheDir)).description.digest).not.toBe(description.digest);
});

test('transformers.js that is not installed, or in another version, is asked for by name', async () => {
  const hint = 'Run: npm install @huggingface/transformers@4.3.1';
  const missing = () => {
    throw new Error('Cannot find module');
  };
  expect(() => checkTransformers(missing)).toThrow(expect.objectContaining({ name: 'InvalidConfiguration', hint }));
  const manifest = Buffer.from('{"name": "@huggingface/transformers", "version": "3.8.1"}');
  const folder = await folderOf([{ path: 'package.json', body: manifest }]);
  expect(() => checkTransformers(() => join(folder, 'dist', 'main.js'))).toThrow(
    expect.objectContaining({ message: expect.stringContaining('got 3.8.1'), hint }),
  );
});

test('every file that a graph names is found, wherever in it', () => {
  const tensor = (location: string) => {
    const entry = new ProtobufMessage().bytes(1, 'location').bytes(2, location);
    return new ProtobufMessage().int(1, 1).bytes(13, entry).int(14, 1);
  };
  const writer = new OnnxWriter();
  writer.graph.bytes(5, tensor('in-graph'));
  writer.graph.bytes(15, new ProtobufMessage().bytes(1, tensor('in-sparse')));
  const inner = new ProtobufMessage().bytes(5, tensor('in-branch'));
  writer.graph.bytes(1, new ProtobufMessage().bytes(5, new ProtobufMessage().bytes(6, inner)));
  writer.graph.bytes(1, new ProtobufMessage().bytes(5, new ProtobufMessage().bytes(5, tensor('*/_ORT_MEM_ADDR_/*'))));
  const names = ['*/_ORT_MEM_ADDR_/*', 'in-branch', 'in-graph', 'in-sparse'];
  expect([...weightPlaces(writer.finish().graph)].sort()).toEqual(names);
});
