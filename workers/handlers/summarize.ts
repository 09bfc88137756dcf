// summarize: text in, a summary out. A text that is too long for one prompt is summarised in parts, and their summaries as a text of
// their own, until one prompt holds them. Each step is a generation as any other: it runs beside others, and is cancelled within a token.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SteadyTextError } from '../errors.ts';
import type { GenerateOutput } from '../inference/engine.ts';
import { sentences } from '../inference/text/divide-text.ts';
import type { Attempt, Handler, ModelHost } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';
import { answeredBy, receiptOf } from './receipt.ts';

const Params = z.object({
  max_tokens: z
    .int('expected a whole number')
    .min(1, 'expected at least 1')
    .max(4096, 'expected at most 4096')
    .default(128),
  metadata: z.record(z.string(), z.unknown(), 'expected an object').default({}),
  seed,
});

export interface SummarizeRequest {
  readonly text: string;
  readonly maxTokens: number;
  /** What is known of the text, told with each part. */
  readonly context: string;
  readonly seed: number;
}

/** Tokens of a part: with what is said round it and its answer less than 768, which no engine takes for a long prompt. */
const PART_TOKENS = 512;
/** Of the summary of a part, which has 223 tokens or more: so each level has two fifths of the text before it, or less. */
const ANSWER_TOKENS = 96;
/** Parts of one request that run at once: a third and more would take the room of everybody else's generations. */
const AT_ONCE = 2;
/** Estimated tokens above which a text has several parts, with what is read more for these (times_read). */
const SEVERAL_PARTS = 768;
/** A request's two parts and their answers, in tokens of the memory for keys and values. */
const ROOM = 2048;
/** More than any text has, by these two fifths. One that does not get shorter is no summary. */
const MOST_LEVELS = 12;

export const summarizeHandler: Handler<SummarizeRequest> = {
  requestType: 'summarize',
  kinds: ['text'],

  // One of several parts keeps an engine busy for as long as dozens of ordinary generations: it is large, and few are in an engine.
  capacity({ generateSlots, kvCacheMb }, { tokenBytes, concurrent }) {
    if (tokenBytes === null) return { perEngine: concurrent ?? 1, perCall: 1 };
    const fit = Math.floor((kvCacheMb * 2 ** 20) / tokenBytes / ROOM);
    const large = Math.max(1, Math.min(fit, Math.floor(generateSlots / (2 * AT_ONCE))));
    return { perEngine: large + 1, perCall: 1, large: { above: SEVERAL_PARTS, perEngine: large } };
  },

  parse(request) {
    const text = requiredPrompt(request, 'text');
    const { max_tokens: maxTokens, metadata, seed } = parseParams(Params, request);
    return { text, maxTokens, context: contextOf(metadata), seed };
  },

  async run(attempts, host, settle) {
    await Promise.all(
      attempts.map(async (attempt) => {
        const { text, maxTokens, context, seed } = attempt.input;
        const summary = await summarized(attempt, host);
        if (summary === undefined) return;
        const { output, tokensIn, tokensOut, chunks, levels, last } = summary;
        const sha256 = createHash('sha256').update(context).digest('hex');
        const run = {
          texts: [text],
          parameters: { max_tokens: maxTokens, seed, ...(context !== '' && { context_sha256: sha256 }) },
          output,
          tokensIn,
          tokensOut,
          flags: { finish: last.finish, chunks, levels, ...answeredBy(last) },
        };
        settle(attempt, {
          outcome: 'completed',
          result: output,
          tokensIn,
          tokensOut,
          ...(host.model.digest !== null && { modelDigest: host.model.digest }),
          receipt: receiptOf(host.origin, run),
        });
      }),
    );
  },
};

function contextOf(metadata: Readonly<Record<string, unknown>>): string {
  const told = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(metadata)
    .map(([key, value]) => `${key}: ${told(value)}`)
    .join('\n');
}

/** Undefined when it was cancelled. */
async function summarized({ id, input, onCancel }: Attempt<SummarizeRequest>, { engine, model }: ModelHost) {
  const running = new Set<string>();
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const name of running) engine.cancel(name);
  };
  onCancel?.(stop);
  let [tokensIn, tokensOut, chunks] = [0, 0, 0];

  async function step(name: string, prompt: string, maxTokens: number): Promise<GenerateOutput> {
    running.add(name);
    try {
      const { seed } = input;
      const output = await engine.generate({
        ...{ id: name, model: model.name, prompt, maxTokens, stop: [], temperature: 0, seed },
      });
      tokensIn += output.tokensIn;
      tokensOut += output.tokensOut;
      return output;
    } finally {
      running.delete(name);
    }
  }

  let { text } = input;
  for (let level = 1; level <= MOST_LEVELS && !stopped; level++) {
    const { parts } = await engine.divide({ model: model.name, text, most: PART_TOKENS });
    chunks ||= Math.max(1, parts.length);
    if (stopped) break;
    const asked = level === 1 ? ONE_TEXT : SUMMARIES;
    if (parts.length <= 1) {
      const last = await step(`${id}/${level}`, promptOf(asked, input.context, text), input.maxTokens);
      if (stopped || last.finish === 'cancelled') return undefined;
      return { output: wholeSentences(last), tokensIn, tokensOut, chunks, levels: level, last };
    }
    const partly = level === 1 ? PART : SUMMARIES;
    const names = parts.map((_, i) => `${id}/${level}.${i}`);
    const outputs = await someAtOnce(
      parts,
      (part, i) => (stopped ? undefined : step(names[i]!, promptOf(partly, input.context, part), ANSWER_TOKENS)),
      stop,
    );
    if (stopped || outputs.some((output) => output?.finish === 'cancelled')) return undefined;
    text = outputs
      .map((output) => wholeSentences(output!))
      .filter((summary) => summary !== '')
      .join('\n\n');
    if (text === '') break;
  }
  if (stopped) return undefined;
  throw new SteadyTextError(
    'InvalidInput',
    `expected summaries that are shorter than their texts, ${model.name} gave others`,
  );
}

/** In order, each as soon as another has ended. When one fails nothing new is begun, and `stop` ends what runs. */
async function someAtOnce<Item, Output>(
  items: readonly Item[],
  run: (item: Item, i: number) => Promise<Output> | undefined,
  stop: () => void,
): Promise<(Output | undefined)[]> {
  const outputs: (Output | undefined)[] = [];
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const line = async () => {
    while (next < items.length && failure === undefined) {
      const i = next++;
      try {
        outputs[i] = await run(items[i]!, i);
      } catch (error) {
        failure ??= { error };
        stop();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  if (failure) throw failure.error;
  return outputs;
}

const ONE_TEXT = 'Summarize this text in two or three sentences. Say only what it says.';
const PART =
  'Summarize this part of a longer text in two or three sentences. Say only what it says, and keep names and numbers.';
const SUMMARIES =
  'These are summaries of the parts of one text, in their order. Write one summary of the whole text from them, in two or three sentences. Say only what they say.';

/** What is asked stands first: prompts of one kind begin in the same way, and an engine reads that once. */
function promptOf(asked: string, context: string, text: string): string {
  return `${asked}\n\n${context === '' ? '' : `About the text:\n${context}\n\n`}Text:\n${text.trim()}`;
}

/** Where its tokens ran out an answer ends within a sentence: that one is left out, if it is not the only one. */
function wholeSentences({ text, finish }: GenerateOutput): string {
  const all = [...sentences(text.trim())].map(({ text }) => text);
  const whole = finish === 'length' && !/[.!?…。！？]["'”’»)\]]*$/u.test(text.trim()) ? all.slice(0, -1) : all;
  return (whole.length > 0 ? whole : all).join('').trim();
}
