// A text model of the hub in an engine: one generation at a time, in the order they came.

import { SteadyTextError } from '../../errors.ts';
import { notFinite } from '../decoder/finite.ts';
import { checkInput, type TextModel } from '../decoder/text-model.ts';
import type { GenerateInput, GenerateOutput } from '../engine.ts';
import type { HubShape, ModelFolder } from '../model-folder.ts';
import { divideText } from '../text/divide-text.ts';
import { stopWatch } from '../text/stop-texts.ts';
import { hubPrompts } from './hub-prompts.ts';
import type { HubModelOptions } from './open-hub-model.ts';
import type { LibraryTensor, Pipeline, PipelineModel } from './transformers-library.ts';

interface Job {
  readonly input: GenerateInput;
  readonly prompt: readonly number[];
  readonly onText: ((piece: string) => void) | undefined;
  readonly onBegin: ((begun: boolean) => void) | undefined;
  readonly ended: PromiseWithResolvers<GenerateOutput>;
  cancelled: boolean;
  /** Ends it after the token that is being made. */
  interrupt: () => void;
}

export async function openHubTextModel(
  folder: ModelFolder,
  { maxTokens }: HubShape,
  { model, tokenizer }: Pipeline,
  { library, onStep }: Pick<HubModelOptions, 'library' | 'onStep'>,
): Promise<TextModel> {
  const { name } = folder.description;
  const encode = await hubPrompts(folder);
  const endTokens = endTokensOf(model);
  const waiting: Job[] = [];
  let running: Job | undefined;
  let read = 0;

  function promptOf(message: string): readonly number[] {
    const prompt = encode(message);
    if (prompt.length >= 1 && prompt.length < maxTokens) return prompt;
    throw new SteadyTextError(
      'InvalidInput',
      `expected 1 to ${maxTokens - 1} prompt tokens for ${name}, a prompt of ${prompt.length} tokens came`,
      { hint: `${name} takes ${maxTokens} tokens, prompt and answer together; shorten the prompt.` },
    );
  }

  async function run(job: Job): Promise<GenerateOutput> {
    const { input, prompt, onText } = job;
    const stops = stopWatch(input.stop);
    const stopping = new library.InterruptableStoppingCriteria();
    job.interrupt = () => stopping.interrupt();
    let text = '';
    let stopped = false;
    let tokens = 0;
    let last = -1;
    const give = (piece: string) => {
      if (piece === '') return;
      text += piece;
      onText?.(piece);
    };
    const streamer = new library.TextStreamer(tokenizer, {
      skip_prompt: true,
      token_callback_function: ([token]: readonly bigint[]) => {
        tokens++;
        last = Number(token);
        onStep();
      },
      callback_function: (piece: string) => {
        if (stopped) return;
        const { safe, stopped: found } = stops.push(piece);
        give(safe);
        if (!found) return;
        stopped = true;
        stopping.interrupt();
      },
    });
    const ids = BigInt64Array.from(prompt, BigInt);
    // One generation runs at a time, so its draws are all that are made between two seeds.
    library.random.seed(input.seed);
    job.onBegin?.(true);
    await model.generate({
      input_ids: new library.Tensor('int64', ids, [1, ids.length]),
      attention_mask: new library.Tensor(
        'int64',
        ids.map(() => 1n),
        [1, ids.length],
      ),
      max_new_tokens: Math.min(input.maxTokens, maxTokens - prompt.length),
      ...(input.temperature > 0
        ? { do_sample: true, temperature: input.temperature, top_k: input.topK ?? 0 }
        : { do_sample: false }),
      ...{ num_beams: 1, num_return_sequences: 1, streamer, stopping_criteria: stopping },
      logits_processor: [checkNumbers],
    });
    read += prompt.length;
    const ended = !stopped && endTokens.includes(last);
    if (!stopped) give(stops.end());
    return {
      text,
      tokensIn: prompt.length,
      tokensOut: ended ? tokens - 1 : tokens,
      finish: job.cancelled ? 'cancelled' : stopped ? 'stop' : ended ? 'end' : 'length',
    };

    function checkNumbers(_ids: unknown, logits: LibraryTensor): LibraryTensor {
      const numbers = logits.data as Float32Array;
      for (let i = 0; i < numbers.length; i++)
        if (Number.isNaN(numbers[i]) || numbers[i] === Number.POSITIVE_INFINITY)
          throw notFinite(name, prompt.length + tokens);
      return logits;
    }
  }

  return {
    kind: 'text',
    folder,
    maxTokens,
    get size() {
      return waiting.length + (running ? 1 : 0);
    },
    get promptTokens() {
      return { read, reused: 0 };
    },
    async generate(input, onText, onBegin) {
      checkInput(input);
      refuseUnsupported(name, input);
      const prompt = promptOf(input.prompt);
      const ended = Promise.withResolvers<GenerateOutput>();
      waiting.push({ input, prompt, onText, onBegin, ended, cancelled: false, interrupt: () => undefined });
      return ended.promise;
    },
    divide(text, most) {
      const around = encode('').length;
      return divideText(text, Math.min(most, Math.floor(maxTokens / 2)), (piece) => encode(piece).length - around);
    },
    cancel(id) {
      for (const job of waiting.filter(({ input }) => input.id === id)) {
        waiting.splice(waiting.indexOf(job), 1);
        job.ended.resolve({ text: '', tokensIn: job.prompt.length, tokensOut: 0, finish: 'cancelled' });
      }
      if (running?.input.id !== id) return;
      running.cancelled = true;
      running.interrupt();
    },
    async turn() {
      running = waiting.shift();
      if (running === undefined) return;
      const job = running;
      await run(job).then(job.ended.resolve, job.ended.reject);
      running = undefined;
    },
    async close(error) {
      for (const { ended } of waiting.splice(0)) ended.reject(error);
      await model.dispose();
    },
  };
}

/** As generate reads them: the model's generation_config.json goes before its config.json. */
function endTokensOf({ generation_config, config }: PipelineModel): readonly number[] {
  const told = generation_config?.eos_token_id ?? config.eos_token_id ?? [];
  return [told].flat().map(Number);
}

/** transformers.js 4.3.1 knows no such thing, or passes over it without a word (top_p). */
function refuseUnsupported(name: string, { constraint, minTokens = 0, topP = 1 }: GenerateInput): void {
  const what = [
    ...(constraint ? ['a constraint (json, pattern or choices)'] : []),
    ...(minTokens > 0 ? [`min_tokens ${minTokens}`] : []),
    ...(topP < 1 ? [`top_p ${topP}`] : []),
  ];
  if (what.length === 0) return;
  throw new SteadyTextError(
    'InvalidInput',
    `expected no constraint, min_tokens or top_p for ${name}, which runs through transformers.js; ${what.join(' and ')} came`,
    { hint: 'Leave it out, or name a model that was converted (docs/models.md).' },
  );
}
