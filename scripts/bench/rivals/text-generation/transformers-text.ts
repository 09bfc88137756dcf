// transformers.js as a rival for text: our default model in fp32, in the shape of an export that is made here once, with all cores.

import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environment, loadConfig } from '../../../../workers/config.ts';
import { decoderFamily } from '../../../../workers/inference/convert/graphs/families/families.ts';
import { type GgufShape, readGgufShape } from '../../../../workers/inference/convert/graphs/gguf-shape.ts';
import { newGraph } from '../../../../workers/inference/convert/new-graph.ts';
import { WEIGHTS_NAME } from '../../../../workers/inference/convert/onnx/graph-writer.ts';
import { WeightFile } from '../../../../workers/inference/convert/onnx/weight-file.ts';
import { openGguf } from '../../../../workers/inference/convert/read/gguf-file.ts';
import { metadataFields } from '../../../../workers/inference/convert/read/metadata-fields.ts';
import type { DecoderShape, ModelFolder } from '../../../../workers/inference/model-folder.ts';
import { installRivals } from '../install.ts';
import { startRival } from '../rival.ts';
import { writeExportGraph } from './export-graph.ts';

export interface TransformersText extends AsyncDisposable {
  readonly name: string;
  /** Prompts of equal lengths side by side. Milliseconds to each step, of which each gives a token a prompt; and the first answer. */
  generate(
    prompts: readonly (readonly number[])[],
    tokens: number,
  ): Promise<{ readonly times: readonly number[]; readonly answer: readonly number[] }>;
}

/** Undefined when it cannot be had here; why was printed. */
export async function transformersText(own: ModelFolder, gguf: string): Promise<TransformersText | undefined> {
  try {
    return await start(own, gguf);
  } catch (error) {
    console.log(`WITHOUT transformers.js: ${(error as Error).message}\n`);
    return undefined;
  }
}

async function start(own: ModelFolder, gguf: string): Promise<TransformersText> {
  await installRivals();
  const folder = await exported(own, gguf);
  const rival = startRival('text-generation/transformers-text.mjs');
  try {
    const { version } = await rival.ask<{ version: string }>({ load: folder });
    return {
      name: `transformers.js ${version} fp32`,
      generate: (prompts, tokens) => rival.ask({ prompts, tokens }),
      [Symbol.asyncDispose]: rival.stop,
    };
  } catch (error) {
    await rival.stop();
    throw error;
  }
}

/** The folder that transformers.js loads. */
async function exported(own: ModelFolder, gguf: string): Promise<string> {
  const { name, digest, converterVersion } = own.description;
  const cache = join(loadConfig(environment()).cacheDir, 'bench');
  const folder = join(cache, `${name}-export-${digest.slice(0, 16)}-v${converterVersion}`);
  if (existsSync(folder)) return folder;
  const made = `${folder}.${process.pid}`;
  try {
    await mkdir(join(made, 'onnx'), { recursive: true });
    await writeFile(join(made, 'config.json'), JSON.stringify(configOf(own.description.shape as DecoderShape)));
    await writeFile(join(made, 'generation_config.json'), '{}');
    for (const file of ['tokenizer.json', 'tokenizer_config.json'])
      await copyFile(join(own.path, file), join(made, file));
    await writeFile(join(made, 'onnx', 'model.onnx'), graphOf(gguf, join(made, 'onnx', WEIGHTS_NAME)));
    await rename(made, folder);
    return folder;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

function graphOf(gguf: string, weightsPath: string): Buffer {
  const file = openGguf(gguf);
  const weights = new WeightFile(weightsPath);
  try {
    const fields = metadataFields(gguf, file.metadata);
    const shape: GgufShape = readGgufShape(gguf, fields, decoderFamily(fields.text('general.architecture'))!);
    const write = newGraph(gguf, (graph, layers) => writeExportGraph(graph, layers, file, shape));
    return write(weights, 'fp32', () => {});
  } finally {
    weights.close();
    file.close();
  }
}

/** The names that Hugging Face's configurations have. */
function configOf({ architecture, layers, hidden, heads, kvHeads, headSize, vocabulary, endTokens }: DecoderShape) {
  return {
    model_type: architecture,
    architectures: ['LlamaForCausalLM'],
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headSize,
    vocab_size: vocabulary,
    eos_token_id: endTokens[0],
  };
}
