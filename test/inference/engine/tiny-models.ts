// Models of a few thousand random weights, converted as real ones are: what an engine does with them takes
// milliseconds, and every part of it runs.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { convertModel } from '../../../workers/inference/convert/convert-model.ts';
import type { ModelKind } from '../../../workers/inference/engine.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import type { FileRole } from '../../../workers/inference/store/manifest.ts';
import { safetensorsBytes, type TensorToWrite } from '../convert/safetensors-writer.ts';
import { seeded } from '../convert/seeded.ts';

import { type TinyLlama, type TinyLlamaOptions, tinyLlama } from '../convert/tiny-llama.ts';
import { TINY_WORDS, tinyCrossEncoder, tinyEncoder, wordPiece } from './tiny-encoders.ts';

export type Sources = Partial<Record<FileRole, Buffer>>;

export interface TinyModels {
  readonly folder: string;
  text(format: NumberFormat, options?: TinyLlamaOptions): Promise<ModelFolder>;
  embedding(format: NumberFormat): Promise<ModelFolder>;
  reranking(format: NumberFormat): Promise<ModelFolder>;
  /** A decoder that ranks. */
  ranking(format: NumberFormat, options?: TinyLlamaOptions): Promise<ModelFolder>;
  /** One of other sources. */
  of(name: string, kind: ModelKind, format: NumberFormat, sources: Sources): Promise<ModelFolder>;
  remove(): Promise<void>;
}

/** Longest sequence of the tiny text model: some prefill chunks, and several sizes of the cache. */
export const TINY_TEXT_TOKENS = 320;
export const TINY_EMBEDDING_TOKENS = 48;
/** The question that it is asked takes 255 of them, most of which are single letters. */
export const TINY_RANKING_TOKENS = 384;

export async function makeTinyModels(): Promise<TinyModels> {
  const folder = await mkdtemp(join(tmpdir(), 'steadytext-tiny-'));
  let made = 0;

  async function convert(name: string, kind: ModelKind, format: NumberFormat, sources: Sources) {
    made++;
    const files = await Promise.all(
      Object.entries(sources).map(async ([role, bytes]) => {
        const path = join(folder, `${made}-${role}${role === 'weights' ? endOf(kind, format, sources) : ''}`);
        await writeFile(path, bytes);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        return { role: role as FileRole, path, sha256, bytes: bytes.length };
      }),
    );
    return convertModel({
      sourceFiles: Object.fromEntries(files.map(({ role, path }) => [role, path])),
      manifestEntry: { name, kind, licence: 'none', files, sources: {} },
      format,
      outDir: join(folder, `${made}-${name}`),
      root: folder,
    });
  }

  return {
    folder,
    text(format, options = {}) {
      const metadata = { 'llama.context_length': TINY_TEXT_TOKENS, ...options.metadata };
      return convert('tiny-text', 'text', format, {
        weights: tinyLlama(7, { endless: true, ...options, metadata }).bytes,
      });
    },
    embedding: (format) => convert('tiny-embedding', 'embedding', format, tinyBert(11)),
    ranking(format, options = {}) {
      const metadata = { 'llama.context_length': TINY_RANKING_TOKENS, ...options.metadata };
      const { bytes } = tinyRanking({ ...options, metadata });
      return convert('tiny-ranking', 'reranking', format, { weights: bytes });
    },
    reranking: (format) => convert('tiny-reranking', 'reranking', format, tinyCrossEncoder(13).sources),
    of: convert,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Of a file of weights, by which is known what it is. */
function endOf(kind: ModelKind, format: NumberFormat, sources: Sources): string {
  if (format === 'own') return '.onnx';
  return kind === 'reranking' && sources.config === undefined ? '.gguf' : '';
}

export function tinyRanking(options: TinyLlamaOptions = {}): TinyLlama {
  return tinyLlama(17, { answers: true, ...options });
}

/** The models, and embedding models of other names, as STEADYTEXT_MODEL_DIR takes them: the files, and a manifest that names them. */
export function bringTinyModels(
  folder: string,
  { embedders = [], text = {} }: { readonly embedders?: readonly string[]; readonly text?: TinyLlamaOptions } = {},
): void {
  const models = [
    { name: 'tiny-text', kind: 'text', sources: { weights: tinyLlama(7, { endless: true, ...text }).bytes } },
    { name: 'tiny-embedding', kind: 'embedding', sources: tinyBert(11) },
    { name: 'tiny-reranking', kind: 'reranking', sources: tinyCrossEncoder(13).sources },
    ...embedders.map((name, i) => ({ name, kind: 'embedding', sources: tinyEncoder(17 + i).sources })),
  ].map(({ sources, ...model }) => ({
    ...model,
    licence: 'none',
    files: Object.entries(sources).map(([role, bytes]) => {
      const path = `${model.name}-${role}`;
      writeFileSync(join(folder, path), bytes);
      return { role, path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  }));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ models }));
}

/** Source files of a BERT encoder over single letters. */
function tinyBert(seed: number): Sources {
  const [hidden, layers, heads, feedForward] = [64, 2, 4, 96];
  const words = TINY_WORDS;
  const random = seeded(seed);
  const tensors: Record<string, TensorToWrite> = {};
  const add = (name: string, shape: number[], deviation: number, mean = 0) => {
    const count = shape.reduce((product, size) => product * size, 1);
    tensors[name] = { shape, values: random.normals(count, deviation).map((value) => value + mean) };
  };
  const linear = (name: string, rows: number, width: number) => {
    add(`${name}.weight`, [rows, width], 1.5 / Math.sqrt(width));
    add(`${name}.bias`, [rows], 0.1);
  };
  const norm = (name: string) => {
    add(`${name}.weight`, [hidden], 0.1, 1);
    add(`${name}.bias`, [hidden], 0.1);
  };
  add('embeddings.word_embeddings.weight', [words.length, hidden], 1);
  add('embeddings.position_embeddings.weight', [64, hidden], 0.5);
  add('embeddings.token_type_embeddings.weight', [2, hidden], 0.1);
  norm('embeddings.LayerNorm');
  for (let layer = 0; layer < layers; layer++) {
    const block = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) linear(`${block}.attention.self.${part}`, hidden, hidden);
    linear(`${block}.attention.output.dense`, hidden, hidden);
    norm(`${block}.attention.output.LayerNorm`);
    linear(`${block}.intermediate.dense`, feedForward, hidden);
    linear(`${block}.output.dense`, hidden, feedForward);
    norm(`${block}.output.LayerNorm`);
  }
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  return {
    weights: safetensorsBytes(tensors),
    config: json({
      model_type: 'bert',
      hidden_size: hidden,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      intermediate_size: feedForward,
      vocab_size: words.length,
      max_position_embeddings: 64,
      type_vocab_size: 2,
      layer_norm_eps: 1e-12,
      hidden_act: 'gelu',
    }),
    sentence_config: json({ max_seq_length: TINY_EMBEDDING_TOKENS }),
    tokenizer: json(wordPiece(words)),
    tokenizer_config: json({ tokenizer_class: 'BertTokenizer', model_max_length: 64 }),
  };
}
