// Tiny models as the store would give them: source files in a folder, and an entry of a manifest.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { type ConvertOptions, convertModel } from '../../../workers/inference/convert/convert-model.ts';
import type { ModelKind } from '../../../workers/inference/engine.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { type ManifestEntry, parseManifest } from '../../../workers/inference/store/manifest.ts';
import type { SourceFiles } from '../../../workers/inference/store/model-store.ts';
import { type TinyBert, tinyBert } from './tiny-bert.ts';
import { tinyOnnxBert } from './tiny-onnx-bert.ts';

export interface TinySource {
  /** Removed when the test ends. */
  readonly folder: string;
  readonly sourceFiles: SourceFiles;
  readonly manifestEntry: ManifestEntry;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steadytext-convert-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function textSource(gguf: Uint8Array): TinySource {
  return source('text', { weights: ['model.gguf', gguf] });
}

/** The same file as a decoder that ranks. */
export function rankingSource(gguf: Uint8Array): TinySource {
  return source('reranking', { weights: ['model.gguf', gguf] });
}

const TOKENIZER = JSON.stringify({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: 'WordPiece', vocab: { '[UNK]': 0 }, unk_token: '[UNK]' },
});

export function embeddingSource(
  { bytes, config }: Pick<TinyBert, 'bytes' | 'config'>,
  pooling: 'mean' | 'cls' = 'mean',
): TinySource {
  const modes = { pooling_mode_mean_tokens: pooling === 'mean', pooling_mode_cls_token: pooling === 'cls' };
  return source('embedding', {
    weights: ['model.safetensors', bytes],
    config: ['config.json', Buffer.from(JSON.stringify(config))],
    tokenizer: ['tokenizer.json', Buffer.from(TOKENIZER)],
    tokenizer_config: ['tokenizer_config.json', Buffer.from('{}')],
    sentence_config: ['sentence_bert_config.json', Buffer.from('{"max_seq_length": 16}')],
    pooling_config: ['pooling.json', Buffer.from(JSON.stringify(modes))],
  });
}

/** Its weights are a graph, with the data of the tiny BERT beside it. */
export function readyMadeSource({ bytes, config }: Pick<TinyBert, 'bytes' | 'config'>): TinySource {
  return source('embedding', {
    weights: ['model.onnx', bytes],
    weights_data: ['model.onnx_data', tinyOnnxBert(tinyBert(1), { location: 'model.onnx_data' }).data],
    config: ['config.json', Buffer.from(JSON.stringify(config))],
    tokenizer: ['tokenizer.json', Buffer.from(TOKENIZER)],
    tokenizer_config: ['tokenizer_config.json', Buffer.from('{}')],
  });
}

function source(kind: ModelKind, files: Record<string, readonly [name: string, bytes: Uint8Array]>): TinySource {
  const folder = temporaryFolder();
  const described = Object.entries(files).map(([role, [path, bytes]]) => {
    writeFileSync(join(folder, path), bytes);
    return { role, path, bytes: Math.max(bytes.length, 1), sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const entry = { name: `tiny-${kind}`, kind, licence: 'none', files: described };
  const [manifestEntry] = parseManifest({ models: [entry] }, 'test');
  const sourceFiles = Object.fromEntries(described.map(({ role, path }) => [role, join(folder, path)]));
  return { folder, sourceFiles, manifestEntry: manifestEntry! };
}

/** A folder as STEADYTEXT_MODEL_DIR takes it: the files of each model, and a manifest that names them. */
export function broughtFolder(...sources: readonly [TinySource, ...TinySource[]]): string {
  const modelDir = join(sources[0].folder, 'brought');
  for (const { manifestEntry, sourceFiles } of sources) {
    mkdirSync(join(modelDir, manifestEntry.name), { recursive: true });
    for (const { role, path } of manifestEntry.files)
      copyFileSync(sourceFiles[role]!, join(modelDir, manifestEntry.name, path));
  }
  const models = sources.map(({ manifestEntry }) => manifestEntry);
  writeFileSync(join(modelDir, 'manifest.json'), JSON.stringify({ models }));
  return modelDir;
}

export function taskOf(tiny: TinySource, format: NumberFormat): ConvertOptions {
  const { folder, sourceFiles, manifestEntry } = tiny;
  return { sourceFiles, manifestEntry, format, root: folder, outDir: join(folder, 'converted', format) };
}

export function convertTiny(tiny: TinySource, format: NumberFormat): Promise<ModelFolder> {
  return convertModel(taskOf(tiny, format));
}

/** What conversions that did not end left behind. */
export function unfinished({ folder }: TinySource): string[] {
  return existsSync(join(folder, 'tmp')) ? readdirSync(join(folder, 'tmp')) : [];
}
