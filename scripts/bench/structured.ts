// Structured output against free output of the same model: tokens a second of answers of the same lengths, one stream and
// eight at once, in alternating rounds; and how long a large schema takes to compile.

import { type ConstraintSpec, compileConstraint } from '../../workers/inference/constrained/compile-constraint.ts';
import type { Engine } from '../../workers/inference/engine.ts';
import { startEngineProcess } from '../../workers/inference/process/engine-process.ts';
import { type Asked, decodeRateAlone, generateAll, wholeRate } from './generate/streams.ts';
import { median, readOptions, spread } from './measure.ts';
import { textModel } from './models.ts';
import { Report } from './report.ts';

const HELP = `Usage: npm run bench structured -- [--rounds N] [--tokens N] [--json FILE]
Tokens a second of the default text model on one thread under constraints, and without; greedy, of no rival.
  --rounds   rounds (7)
  --tokens   longest answers (120)
  --json     writes every figure into this file`;

const BAR = 0.9;
const COMPILE_BAR_MS = 100;
const STREAMS = 8;

const text = (minLength: number) => ({ type: 'string', minLength });
const PERSON = { name: text(3), age: { type: 'integer', minimum: 0, maximum: 150 }, city: text(3), email: text(3) };
const object = (properties: object) => ({ type: 'object', properties, required: Object.keys(properties) });
const json = (schema: object): ConstraintSpec => ({ kind: 'json', schema });

/** Prompts whose free answers are long, and forms whose answers are too. */
const CASES: readonly { readonly prompt: string; readonly constraint: ConstraintSpec }[] = [
  { prompt: 'Write a long story about a lighthouse.', constraint: json(object({ title: text(5), story: text(300) })) },
  {
    prompt: 'Describe five people who live by the sea.',
    constraint: json({ type: 'array', items: object(PERSON), minItems: 3 }),
  },
  {
    prompt: 'Explain how bread is made, step by step.',
    constraint: json(object({ steps: { type: 'array', items: text(10), minItems: 6 } })),
  },
  {
    prompt: 'Write a long letter to a friend about spring.',
    constraint: { kind: 'regex', pattern: "Dear [A-Z][a-z]+, [a-zA-Z,.' ]{300,}" },
  },
];

async function bench(rounds: number, tokens: number, json?: string): Promise<void> {
  const { own } = await textModel();
  const model = own.description.name;
  const engine = startEngineProcess();
  const plain = startEngineProcess({ guesses: 0 });
  try {
    for (const each of [engine, plain]) await each.load(own);
    const { onnxruntimeVersion, cpuClass } = await engine.describe();
    const report = new Report('structured');
    report.conditions({
      'CPU class': cpuClass,
      onnxruntime: onnxruntimeVersion,
      model: `${model} in ${own.description.format}, one thread`,
      answers: `up to ${tokens} tokens of ${CASES.length} prompts, each under a constraint of its own and free, of the same lengths; one stream without the prompt's time, eight over the whole time`,
      rounds,
    });
    const first = await firstOfAll(plain, model);
    const constrained = CASES.map((each) => ({ ...each, maxTokens: tokens }));
    const lengths = (await generateAll([engine], model, constrained)).map((stream) => stream.tokens);
    const free = CASES.map(({ prompt }, i) => ({ prompt, maxTokens: lengths[i]!, minTokens: lengths[i]! }));
    const cases = [
      { what: 'one stream', on: engine, streams: 1 },
      { what: 'one stream, one token a step', on: plain, streams: 1 },
      { what: 'eight at once', on: engine, streams: STREAMS },
      { what: 'eight at once, one token a step', on: plain, streams: STREAMS },
    ];
    for (const { what, on, streams } of cases) {
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = -1; round < rounds; round++) {
        const rates = [await rate(on, model, constrained, streams), await rate(on, model, free, streams)] as const;
        if (round < 0) continue;
        ours.push(rates[0]);
        theirs.push(rates[1]);
      }
      report.compare({ what: `${what}, constrained`, ours, theirs, rival: 'free', unit: 'tokens/s', bars: [BAR] });
    }
    report.tell(
      `the first constrained answer of an engine waits ${first.toFixed(0)} ms longer: the vocabulary is put in order`,
      { what: 'first constrained answer', ms: first },
    );
    tellCompiling(report);
    await report.end(json);
  } finally {
    await Promise.all([engine.close(), plain.close()]);
  }
}

/** Of streams at once over the whole time: those that end first leave the engine to the others, which then are faster. */
async function rate(engine: Engine, model: string, asked: readonly Asked[], streams: number): Promise<number> {
  if (streams === 1) return await decodeRateAlone(engine, model, asked);
  return await wholeRate(
    [engine],
    model,
    Array.from({ length: streams }, (_, i) => asked[i % asked.length]!),
  );
}

/** What the first constraint costs beyond the second, in milliseconds. */
async function firstOfAll(engine: Engine, model: string): Promise<number> {
  const time = async (choices: readonly string[], constraint: boolean) => {
    const begun = performance.now();
    const asked = {
      prompt: 'Yes or no?',
      maxTokens: 1,
      ...(constraint && { constraint: { kind: 'choice', choices } as const }),
    };
    await generateAll([engine], model, [asked]);
    return performance.now() - begun;
  };
  for (let i = 0; i < 3; i++) await time([], false);
  const first = await time(['yes', 'no'], true);
  return first - (await time(['no', 'yes'], true));
}

function tellCompiling(report: Report): void {
  const field = (i: number) =>
    [
      text(1),
      { type: 'integer', minimum: i },
      { enum: ['a', 'b', `c${i}`] },
      { type: 'string', format: 'date' },
      { type: 'array', items: object(PERSON) },
    ][i % 5];
  const schema = (seed: number) =>
    object(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`field_${seed}_${i}`, field(i)])));
  const times = Array.from({ length: 20 }, (_, seed) => {
    const begun = performance.now();
    compileConstraint(json(schema(seed)));
    return performance.now() - begun;
  });
  const reached = times[0]! <= COMPILE_BAR_MS;
  report.tell(
    `a schema of 50 fields compiles in ${times[0]!.toFixed(1)} ms at first, then in ${spread(times.slice(1))} ms, bar ${COMPILE_BAR_MS} ms ${reached ? 'reached' : 'MISSED'} (median ${median(times).toFixed(1)})`,
    { what: 'compiling a schema of 50 fields', times, bar: COMPILE_BAR_MS },
    reached,
  );
}

const options = readOptions(HELP, { rounds: 7, tokens: 120 });
if (options) await bench(options.rounds, options.tokens, options.json);
