// Generation: engines through their contract against llama.cpp itself on the same source file, with the same numbers of
// tokens and on the same cores, in alternating rounds; and both against what this machine can do at best.

import { availableParallelism } from 'node:os';
import { encodePrompt } from '../../workers/inference/text/encode-prompt.ts';
import { readTokenizer } from '../../workers/inference/text/tokenizer.ts';
import { boundsMeter } from './bounds/bounds.ts';
import { casesOf, type Sizes } from './generate/cases.ts';
import { startOurEngines } from './generate/our-engines.ts';
import { ofLength, wholeRate } from './generate/streams.ts';
import { addBounds, type Measured, type MeasuredBounds, stepBytesOf, tellBounds } from './generate/tell-bounds.ts';
import { readOptions, spread } from './measure.ts';
import { textModel } from './models.ts';
import { otherLoad } from './other-load.ts';
import { promptsOf } from './prompts.ts';
import { Report } from './report.ts';
import { type NativeLlama, nativeLlama, WEIGHTS } from './rivals/native-llama/native-llama.ts';
import { type TransformersText, transformersText } from './rivals/text-generation/transformers-text.ts';

const HELP = `Usage: npm run bench generate -- [--rounds N] [--streams N] [--tokens N] [--threads N] [--json FILE]
Tokens a second of the default text model, against transformers.js in fp32, and against llama.cpp itself, built here on the first run, on the same GGUF file in
Q8_0 and BF16 with flash attention: one stream, many at once, and reading prompts, on one thread and on all cores; and the
bounds of this machine. Where llama.cpp cannot be built, that is said, and only ours is measured.
  --rounds   rounds that alternate (3; one took five minutes on two cores that did other work)
  --streams  at once (16)
  --tokens   tokens of an answer that count (48)
  --threads  cores that are used (those of this machine)
  --json     writes every figure into this file`;

const PROMPT = 128;
const READ = 512;

async function bench(rounds: number, streams: number, tokens: number, threads: number, json?: string): Promise<void> {
  const { own, gguf } = await textModel();
  const llama = await nativeLlama(gguf);
  await using js = await transformersText(own, gguf);
  await using meter = await boundsMeter();
  const encode = encodePrompt(await readTokenizer(own));
  const sizes: Sizes = { streams, tokens, prompt: PROMPT, read: READ };
  const model = own.description.name;
  await using engines = await startOurEngines(own, streams, threads);
  const { onnxruntimeVersion, cpuClass } = await engines.sets.fleet[0]!.describe();
  const report = new Report('generate');
  report.conditions({
    'CPU class': cpuClass,
    onnxruntime: onnxruntimeVersion,
    rival: llama?.version ?? 'none: llama.cpp could not be had',
    transformers: js
      ? `${js.name}, its default threads, greedy, in the shape of an export that is made here: none is in a package registry`
      : 'none: not to be had',
    model: `${model}, ours ${own.description.format}, theirs ${WEIGHTS.join(' and ')}, made from the same file`,
    work: `prompts of ${PROMPT} tokens, ${tokens} new ones a stream; greedy, no queue, no cache of prompts`,
    texts: `ours English questions, whose answers repeat themselves and let tokens be guessed; llama-batched-bench random tokens`,
    rounds,
  });
  const long = promptsOf(encode, threads, READ);
  const prompts = promptsOf(encode, streams, PROMPT);
  const cases = casesOf(engines.sets, model, prompts, long, sizes, threads, encode);
  const measured: Measured[] = cases.map((each) => ({
    case: each,
    ours: each.ours.map(() => []),
    theirs: { Q8_0: [], BF16: [] },
    js: [],
  }));
  // Memory is laid out, and code is compiled, before what counts.
  for (const engine of Object.values(engines.sets).flat())
    await wholeRate([engine], model, ofLength(8, prompts.slice(0, 4)));
  const bounds: MeasuredBounds = { threads, one: [], all: [], operations: [], kind: '' };
  const others: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const each of measured) {
      others.push(await otherLoad());
      await oneRound(each, round, llama, js);
    }
    if (meter) await addBounds(bounds, meter, stepBytesOf(own));
  }
  for (const each of measured) tell(report, each, js?.name);
  if (meter) tellBounds(report, measured, bounds, own, llama);
  report.others(others);
  await report.end(json);
}

/** Who begins changes with the round. */
async function oneRound(
  { case: each, ours, theirs, js }: Measured,
  round: number,
  llama?: NativeLlama,
  rival?: TransformersText,
): Promise<void> {
  const runOurs = async () => {
    for (const [i, { run }] of each.ours.entries()) ours[i]!.push(await run());
  };
  const runTheirs = async () => {
    for (const weights of llama ? WEIGHTS : []) theirs[weights].push(await each.theirs(llama!, weights));
    if (rival && each.transformers) js.push(await each.transformers(rival));
  };
  for (const run of round % 2 === 0 ? [runOurs, runTheirs] : [runTheirs, runOurs]) await run();
}

function tell(
  report: Report,
  { case: { what, ours: forms, bars }, ours, theirs, js }: Measured,
  rival = 'transformers.js',
): void {
  if (js.length > 0)
    report.compare({ what: `${what}; ${forms[0]!.form}`, ours: ours[0]!, theirs: js, rival, unit: 'tokens/s' });
  for (const [i, { form }] of forms.entries()) {
    if (theirs.Q8_0.length === 0) {
      const unjudged = i === 0 && bars ? ', bars not judged' : '';
      report.tell(`${what}; ${form}: ours ${spread(ours[i]!)} tokens/s${unjudged}`, { what, form, ours: ours[i] });
      continue;
    }
    for (const weights of WEIGHTS) {
      const bar = i === 0 ? bars?.[weights] : undefined;
      const sides = { ours: ours[i]!, theirs: theirs[weights], rival: `llama.cpp ${weights}`, unit: 'tokens/s' };
      report.compare({ what: `${what}; ${form}`, ...sides, ...(bar !== undefined && { bars: [bar] }) });
    }
  }
}

const options = readOptions(HELP, { rounds: 3, streams: 16, tokens: 48, threads: availableParallelism() });
if (options) await bench(options.rounds, options.streams, options.tokens, options.threads, options.json);
