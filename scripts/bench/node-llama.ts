// Generation: engines through their contract against what a user of Node would take, llama.cpp through node-llama-cpp, on the
// same source file, the same prompts as token ids and the same number of threads, in alternating rounds. Decoding counts from
// the moment when every stream has its first token.

import { availableParallelism } from 'node:os';
import type { Engine } from '../../workers/inference/engine.ts';
import { type EngineProcess, startEngineProcess } from '../../workers/inference/process/engine-process.ts';
import { encodePrompt } from '../../workers/inference/text/encode-prompt.ts';
import { readTokenizer } from '../../workers/inference/text/tokenizer.ts';
import { readOptions } from './measure.ts';
import { textModel } from './models.ts';
import { QUESTIONS } from './prompts.ts';
import { Report } from './report.ts';
import { installRivals } from './rivals/install.ts';
import { startRival } from './rivals/rival.ts';
import { paragraphs } from './texts.ts';

const HELP = `Usage: npm run bench node-llama -- [--rounds N] [--tokens N] [--threads N] [--json FILE]
Tokens a second of the default text model, against llama.cpp through node-llama-cpp on the same GGUF file: eight answers
one after the other (one stream), at once, and reading prompts, on one thread; then at once on several (an engine a thread).
  --rounds   rounds that alternate (3)
  --tokens   tokens of an answer (128)
  --threads  threads of the last case, 1 to leave it out (the cores of this machine). On a busy machine llama.cpp's
             threads wait for each other, and the last case says little.
  --json     writes every figure into this file`;

const STREAMS = 8;
const BARS = { one: 0.9, eight: 2 };

/** Milliseconds from the start to each token, a list a stream. */
type TokenTimes = readonly (readonly number[])[];

async function bench(rounds: number, tokens: number, threads: number, json?: string): Promise<void> {
  await installRivals();
  const { own, gguf } = await textModel();
  const model = own.description.name;
  const encode = encodePrompt(await readTokenizer(own));
  const text = paragraphs().join(' ');
  const messages = Array.from(
    { length: STREAMS },
    (_, i) => `${QUESTIONS[i]}\n\n${text.slice(i * 350, (i + 1) * 350)}`,
  );
  const prompts = messages.map(encode);
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const engines = Array.from({ length: threads }, () => startEngineProcess({ slots: STREAMS, prefixBytes: 0 }));
  const rival = startRival('llama.mjs');
  try {
    const { release } = await rival.ask<{ release: string }>({ load: gguf });
    for (const engine of engines) await engine.load(own);
    const { onnxruntimeVersion, cpuClass } = await engines[0]!.describe();
    const report = new Report('node-llama');
    report.conditions({
      'CPU class': cpuClass,
      onnxruntime: onnxruntimeVersion,
      'llama.cpp': `${release}, through node-llama-cpp, the weights of the GGUF file as they are`,
      model: `${model}, ours ${own.description.format} made from the same file`,
      threads: 'ours an engine a thread, llama.cpp its threads in one context; greedy on both sides, no queue',
      prompts: `${STREAMS} of ${(promptTokens / STREAMS).toFixed(0)} tokens, answers of ${tokens}`,
      rounds,
    });

    const ours = (used: readonly EngineProcess[]) => (limit: number) => generateAll(used, model, messages, limit);
    const theirs = (given: readonly (readonly number[])[], threads: number, guess: boolean) => (tokens: number) =>
      rival.ask<{ times: TokenTimes }>({ prompts: given, tokens, threads, guess }).then(({ times }) => times);
    const oneOurs = (limit: number) =>
      oneAfterTheOther(messages, (message) => generateAll(engines.slice(0, 1), model, [message], limit));
    const oneTheirs = (guess: boolean) => (limit: number) =>
      oneAfterTheOther(prompts, (prompt) => theirs([prompt], 1, guess)(limit));
    const cases: readonly Case[] = [
      { what: 'one stream, 1 thread', ours: oneOurs, theirs: oneTheirs(false), rates: ratesOneByOne, bar: BARS.one },
      {
        what: 'one stream, 1 thread, its own look-up',
        ours: oneOurs,
        theirs: oneTheirs(true),
        rates: ratesOneByOne,
      },
      {
        what: 'eight at once, 1 thread',
        ours: ours(engines.slice(0, 1)),
        theirs: theirs(prompts, 1, false),
        rates,
        bar: BARS.eight,
      },
      ...(threads === 1
        ? []
        : [
            {
              what: `eight at once, ${threads} threads`,
              ours: ours(engines),
              theirs: theirs(prompts, threads, false),
              rates,
              bar: BARS.eight,
            },
          ]),
    ];
    const atOnce = { ours: ours(engines.slice(0, 1)), theirs: theirs(prompts, 1, false) };
    const results = cases.map(() => ({ ours: [] as Rates[], theirs: [] as Rates[] }));
    const reading = { ours: [] as number[], theirs: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      for (const [i, { ours, theirs, rates }] of cases.entries()) {
        const [mine, other] = [rates(await ours(tokens)), rates(await theirs(tokens))];
        if (round < 0) continue;
        results[i]!.ours.push(mine);
        results[i]!.theirs.push(other);
      }
      const speed = (times: TokenTimes) => (promptTokens / Math.max(...times.flat())) * 1000;
      const [mine, other] = [speed(await atOnce.ours(1)), speed(await atOnce.theirs(1))];
      if (round < 0) continue;
      reading.ours.push(mine);
      reading.theirs.push(other);
    }
    const against = { rival: 'llama.cpp', unit: 'tokens/s' };
    for (const [i, { what, bar }] of cases.entries()) {
      const of = (key: keyof Rates) => ({
        ours: results[i]!.ours.map((rate) => rate[key]),
        theirs: results[i]!.theirs.map((rate) => rate[key]),
      });
      report.compare({ ...against, ...of('whole'), what: `${what}, prompts and answers` });
      report.compare({
        ...{ ...against, ...of('decode'), what: `${what}, decoding` },
        ...(bar !== undefined && { bars: [bar] }),
      });
    }
    report.compare({ ...against, ...reading, what: 'reading eight prompts, 1 thread' });
    await report.end(json);
  } finally {
    await Promise.all([...engines.map((engine) => engine.close()), rival.stop()]);
  }
}

interface Case {
  readonly what: string;
  readonly ours: (tokens: number) => Promise<TokenTimes>;
  readonly theirs: (tokens: number) => Promise<TokenTimes>;
  readonly rates: (times: TokenTimes) => Rates;
  readonly bar?: number;
}

interface Rates {
  readonly decode: number;
  readonly whole: number;
}

function rates(times: TokenTimes): Rates {
  const all = times.flat();
  const end = Math.max(...all);
  const reading = Math.max(...times.map((stream) => stream[0]!));
  return {
    decode: (all.filter((time) => time > reading).length / (end - reading)) * 1000,
    whole: (all.length / end) * 1000,
  };
}

/** As `rates`, of streams that ran one after the other: each has its own beginning. */
function ratesOneByOne(times: TokenTimes): Rates {
  const sum = (of: (stream: readonly number[]) => number) => times.reduce((total, stream) => total + of(stream), 0);
  return {
    decode: (sum((stream) => stream.length - 1) / sum((stream) => stream.at(-1)! - stream[0]!)) * 1000,
    whole: (sum((stream) => stream.length) / sum((stream) => stream.at(-1)!)) * 1000,
  };
}

async function oneAfterTheOther<Prompt>(
  prompts: readonly Prompt[],
  run: (prompt: Prompt) => Promise<TokenTimes>,
): Promise<TokenTimes> {
  const times: (readonly number[])[] = [];
  for (const prompt of prompts) times.push(...(await run(prompt)));
  return times;
}

/** Each piece of an answer is a token here: answers in English have no characters of several tokens. */
async function generateAll(
  engines: readonly Engine[],
  model: string,
  messages: readonly string[],
  limit: number,
): Promise<TokenTimes> {
  const begun = performance.now();
  return Promise.all(
    messages.map(async (prompt, i) => {
      const times: number[] = [];
      const input = { id: `bench-${i}`, model, prompt, maxTokens: limit, stop: [], temperature: 0, seed: 42 };
      await engines[i % engines.length]!.generate(input, () => times.push(performance.now() - begun));
      return times;
    }),
  );
}

const options = readOptions(HELP, { rounds: 3, tokens: 128, threads: availableParallelism() });
if (options) await bench(options.rounds, options.tokens, options.threads, options.json);
