// A text model in an engine: takes prompts, and runs them in its decode loop.

import type { InferenceSession } from 'onnxruntime-node';
import { SteadyTextError } from '../../errors.ts';
import type { GenerateInput, GenerateOutput } from '../engine.ts';
import type { DecoderShape, ModelFolder } from '../model-folder.ts';
import { openSession } from '../session.ts';
import { bytesOfTokens } from '../text/byte-tokens.ts';
import { chatTemplate } from '../text/chat-template.ts';
import { checkText } from '../text/check-text.ts';
import { readTokenizer } from '../text/tokenizer.ts';
import { DecodeLoop } from './decode-loop.ts';
import { Forward } from './forward.ts';
import { Generation } from './generation.ts';

export interface TextModelOptions {
  /** Generations that run at once. */
  readonly slots: number;
  /** Bytes for keys and values of all that runs. */
  readonly cacheBytes: number;
}

export interface TextModel {
  readonly kind: 'text';
  readonly folder: ModelFolder;
  readonly size: number;
  generate(input: GenerateInput, onText?: (piece: string) => void): Promise<GenerateOutput>;
  cancel(id: string): void;
  turn(): Promise<void>;
  close(error: Error): Promise<void>;
}

const MOST_TOKENS = 4096;

export async function openTextModel(
  folder: ModelFolder,
  shape: DecoderShape,
  { slots, cacheBytes }: TextModelOptions,
): Promise<TextModel> {
  const files = await readTokenizer(folder);
  const bytesOf = bytesOfTokens(files);
  const template = chatTemplate(files.config);
  const session: InferenceSession = await openSession(folder);
  const bytesPerToken = 2 * shape.layers * shape.kvHeads * shape.headSize * Float32Array.BYTES_PER_ELEMENT;
  const loop = new DecodeLoop({
    shape,
    decode: new Forward(session, shape),
    prefill: new Forward(session, shape),
    slots,
    cacheTokens: Math.floor(cacheBytes / bytesPerToken),
  });

  function encode(message: string): number[] {
    const ids = files.tokenizer.encode(template(message), { add_special_tokens: false }).ids;
    if (ids.length > 0 && ids.length < shape.maxTokens) return ids;
    const came = ids.length === 0 ? 'an empty prompt' : `a prompt of ${ids.length} tokens`;
    const name = folder.description.name;
    throw new SteadyTextError(
      'InvalidInput',
      `expected 1 to ${shape.maxTokens - 1} prompt tokens for ${name}, ${came} came`,
      {
        hint: `${name} holds ${shape.maxTokens} tokens, prompt and answer together; shorten the prompt or take another model.`,
      },
    );
  }

  return {
    kind: 'text',
    folder,
    get size() {
      return loop.size;
    },
    async generate(input, onText) {
      checkInput(input, loop);
      const prompt = encode(input.prompt);
      const limit = Math.min(input.maxTokens, shape.maxTokens - prompt.length);
      const generation = new Generation({ input, prompt, limit, endTokens: shape.endTokens, bytesOf, onText });
      loop.add(generation);
      return generation.ended.promise;
    },
    cancel(id) {
      const generation = loop.find(id);
      if (generation) generation.cancelled = true;
    },
    turn: () => loop.turn(),
    async close(error) {
      loop.close(error);
      await session.release();
    },
  };
}

function checkInput(input: GenerateInput, loop: DecodeLoop): void {
  checkText(input.prompt, 'prompt');
  for (const [i, stop] of input.stop.entries()) checkText(stop, `stop[${i}]`);
  if (!(Number.isInteger(input.maxTokens) && input.maxTokens >= 1 && input.maxTokens <= MOST_TOKENS)) {
    throw outOfRange(`maxTokens from 1 to ${MOST_TOKENS}`, input.maxTokens);
  }
  if (!(Number.isFinite(input.temperature) && input.temperature >= 0)) {
    throw outOfRange('a temperature of 0 or more', input.temperature);
  }
  if (!Number.isSafeInteger(input.seed)) throw outOfRange('a whole number as seed', input.seed);
  if (loop.find(input.id)) {
    throw new SteadyTextError('InvalidInput', `expected an id that no running generation has, ${input.id} came`, {
      hint: 'Give each generation an id of its own.',
    });
  }
}

function outOfRange(expected: string, came: unknown): SteadyTextError {
  return new SteadyTextError('InvalidInput', `expected ${expected}, ${String(came)} came`);
}
