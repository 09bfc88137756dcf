// The time to the first token of prompts that share their beginning: one whose beginning nobody read yet, then one whose
// beginning is kept, in alternating rounds on one engine. Each round has a beginning of its own.

import type { Engine } from '../../workers/inference/engine.ts';
import { startEngineProcess } from '../../workers/inference/process/engine-process.ts';
import { encodePrompt } from '../../workers/inference/text/encode-prompt.ts';
import { readTokenizer } from '../../workers/inference/text/tokenizer.ts';
import { readOptions } from './measure.ts';
import { textModel } from './models.ts';
import { Report } from './report.ts';
import { paragraphs } from './texts.ts';

const HELP = `Usage: npm run bench prefix -- [--rounds N] [--shared N] [--json FILE]
Time to the first token of the default text model on one thread: a prompt with a new beginning, then one with the same
beginning and another end. Of no rival: the engine against itself.
  --rounds   rounds (9)
  --shared   tokens that both have in common, cut to whole chunks of 64 (512)
  --json     writes every figure into this file`;

const BAR = 5;
const CHUNK = 64;

async function bench(rounds: number, shared: number, json?: string): Promise<void> {
  const { own } = await textModel();
  const model = own.description.name;
  const encode = encodePrompt(await readTokenizer(own));
  const engine = startEngineProcess();
  try {
    await engine.load(own);
    const { onnxruntimeVersion, cpuClass } = await engine.describe();
    const text = paragraphs().join(' ');
    const beginning = (round: number) => {
      let end = 0;
      const message = () => `Document ${round}. ${text.slice(round * 50, round * 50 + end)}`;
      // The template's end is not shared.
      while (encode(message()).length < shared + 12) end += 4;
      return message();
    };
    const lengths = ['First question', 'Second question'].map((end) => encode(`${beginning(0)}\n\n${end}`));
    const common = lengths[0]!.findIndex((token, i) => token !== lengths[1]![i]);
    const report = new Report('prefix');
    report.conditions({
      'CPU class': cpuClass,
      onnxruntime: onnxruntimeVersion,
      model: `${model} in ${own.description.format}, one thread`,
      prompts: `${lengths.map(({ length }) => length).join(' and ')} tokens, the first ${Math.floor(common / CHUNK) * CHUNK} shared in whole chunks`,
      rounds,
    });
    const times = { cold: [] as number[], warm: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      const document = beginning(round + 2);
      const cold = await firstToken(engine, model, `${document}\n\nFirst question`);
      const warm = await firstToken(engine, model, `${document}\n\nSecond question`);
      if (round < 0) continue;
      times.cold.push(1000 / cold);
      times.warm.push(1000 / warm);
    }
    report.compare({
      ...{ what: 'first tokens', ours: times.warm, theirs: times.cold, rival: 'cold', unit: 'a second', bars: [BAR] },
    });
    await report.end(json);
  } finally {
    await engine.close();
  }
}

async function firstToken(engine: Engine, model: string, prompt: string): Promise<number> {
  const begun = performance.now();
  let first: number | undefined;
  const input = { id: 'first', model, prompt, maxTokens: 8, stop: [], temperature: 0, seed: 42 };
  await engine.generate(input, () => {
    first ??= performance.now() - begun;
  });
  return first!;
}

const options = readOptions(HELP, { rounds: 9, shared: 512 });
if (options) await bench(options.rounds, options.shared, options.json);
