// The engine contract over sessions in this process. onnxruntime blocks the event loop while it runs, so a worker puts
// one of these in a child process (process/engine-process.ts) and never in its own.

import { env } from 'onnxruntime-node';
import { SteadyTextError } from '../errors.ts';
import { checkFormat } from './choose-format.ts';
import { cpuClass } from './cpu-class.ts';
import { openTextModel, type TextModel } from './decoder/text-model.ts';
import { type EmbeddingModel, openEmbeddingModel } from './encoder/embedding-model.ts';
import { openRerankingModel, type RerankingModel } from './encoder/reranking-model.ts';
import type { Engine, LoadedModel, ModelKind } from './engine.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import type { ModelFolder } from './model-folder.ts';
import { checkText, checkTexts } from './text/check-text.ts';
import { tokenBytes } from './token-bytes.ts';
import { Turns } from './turns.ts';

export interface EngineOptions {
  /** Generations that run at once in one text model. Default 8. */
  readonly slots?: number;
  /** Bytes for the keys and values of all generations of a text model. Default 90 MiB: 2,048 tokens of SmolLM2-135M. */
  readonly cacheBytes?: number;
  /**
   * Of those, how many may be kept of prompts that were read, for others that begin in the same way. They change no answer.
   * Default 64 MiB, where running generations leave so much free: an engine at rest keeps them, and with all 90 MiB one that
   * embeds and reads a long prompt at once peaked 13 MB higher. 0 keeps none.
   */
  readonly prefixBytes?: number;
  /** Tokens that a step may try out beside the next one, 0 to 3; they change no answer. Default 3. */
  readonly guesses?: number;
  /**
   * Padded tokens of an embedding group. Default 64: two engines side by side embed as many texts a second as with larger
   * groups or more (256: a fifth less), since activations stay in a core's own cache.
   */
  readonly groupTokens?: number;
  /** Class of the CPU that models run on. Default: this machine's. */
  readonly cpu?: string;
}

type Model = TextModel | EmbeddingModel | RerankingModel;

const ARTICLES: Readonly<Record<ModelKind, string>> = {
  text: 'a text',
  embedding: 'an embedding',
  reranking: 'a reranking',
};

export function createLocalEngine(options: EngineOptions = {}): Engine {
  const { slots = 8, cacheBytes = 90 * 2 ** 20, guesses = 3, groupTokens = 64, cpu = cpuClass() } = options;
  const { prefixBytes = 64 * 2 ** 20 } = options;
  const models = new Map<string, Promise<Model>>();
  const open = new Map<string, Model>();
  let closed = false;
  const turns = new Turns();

  async function openModel(folder: ModelFolder): Promise<Model> {
    const { name, format } = folder.description;
    checkFormat(name, format, cpu);
    const model = await openOfItsKind(folder);
    open.set(name, model);
    turns.add(model);
    return model;
  }

  async function openOfItsKind(folder: ModelFolder): Promise<Model> {
    const { shape } = folder.description;
    switch (shape.architecture) {
      case 'bert':
      case 'onnx-encoder':
        return openEmbeddingModel(folder, shape, { groupTokens });
      case 'bert-cross-encoder':
      case 'onnx-cross-encoder':
        return openRerankingModel(folder, shape, { groupTokens });
      default:
        return openTextModel(folder, shape, { slots, cacheBytes, prefixBytes, guesses });
    }
  }

  function find<Kind extends ModelKind>(name: string, ...kinds: readonly Kind[]): Model & { kind: Kind } {
    if (closed) throw engineClosed();
    const model = open.get(name);
    if (!model) {
      const loaded = [...open.keys()].join(', ') || 'none';
      throw new SteadyTextError('UnknownModel', `expected a loaded model (${loaded}), "${name}" came`, {
        hint: 'Load the model first; "steadytext models list" shows those that there are.',
      });
    }
    if (kinds.some((kind) => kind === model.kind)) return model as Model & { kind: Kind };
    const expected = kinds.map((kind) => ARTICLES[kind]).join(' or ');
    throw new SteadyTextError(
      'InvalidInput',
      `expected ${expected} model, "${name}" came, which is of kind ${model.kind}`,
    );
  }

  return {
    async load(folder) {
      if (closed) throw engineClosed();
      const { name } = folder.description;
      const loading = models.get(name) ?? openModel(folder);
      models.set(name, loading);
      try {
        return loadedModel(await loading);
      } catch (error) {
        models.delete(name);
        throw error;
      }
    },
    async embed({ model, ...input }) {
      const output = find(model, 'embedding').embed(input);
      turns.wake();
      return output;
    },
    async rerank({ model, query, documents, id }) {
      checkText(query, 'query');
      checkTexts(documents, 'documents');
      const output = find(model, 'embedding', 'reranking').rerank(query, documents, id);
      turns.wake();
      return output;
    },
    async generate(input, onText, onBegin) {
      const output = find(input.model, 'text').generate(input, onText, onBegin);
      turns.wake();
      return output;
    },
    cancel(id) {
      for (const model of open.values()) model.cancel(id);
    },
    async unload(name) {
      const model = await models.get(name);
      models.delete(name);
      open.delete(name);
      if (!model) return;
      await turns.remove(model);
      await model.close(engineClosed());
    },
    async describe() {
      const opened = [...open.values()];
      const texts = opened.filter((model) => model.kind === 'text');
      const sum = (of: (model: TextModel) => number) => texts.reduce((total, model) => total + of(model), 0);
      return {
        pid: process.pid,
        engineVersion: ENGINE_VERSION,
        onnxruntimeVersion: env.versions.node ?? env.versions.common,
        cpuClass: cpu,
        residentBytes: process.memoryUsage.rss(),
        models: opened.map(loadedModel),
        runningGenerations: sum(({ size }) => size),
        promptTokensRead: sum(({ promptTokens }) => promptTokens.read),
        promptTokensReused: sum(({ promptTokens }) => promptTokens.reused),
        turnsTaken: turns.taken,
      };
    },
    async close() {
      closed = true;
      await turns.stop();
      for (const model of open.values()) await model.close(engineClosed());
      open.clear();
      models.clear();
    },
  };
}

function loadedModel({ folder, kind, maxTokens }: Model): LoadedModel {
  const { name, digest, format, converterVersion, shape } = folder.description;
  return {
    name,
    kind,
    digest,
    format,
    converterVersion,
    maxTokens,
    dimension: 'dimension' in shape ? shape.dimension : null,
    tokenBytes: 'kvHeads' in shape ? tokenBytes(shape) : null,
  };
}

function engineClosed(): SteadyTextError {
  return new SteadyTextError('EngineDied', 'expected a running engine, this one was closed', {
    hint: 'Start another engine and send the work again.',
  });
}
