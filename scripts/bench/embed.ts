// Embeddings: engine processes, fed as the fleet feeds them, against transformers.js over the same weights in the ways in which it is
// used; and the same engines through SQL. Rounds alternate, so that all see the same minutes of the machine.

import { dot } from '../../workers/inference/encoder/pooling.ts';
import { encoderBounds } from './bounds/encoder-bounds.ts';
import { BATCH, embedWithEngines, type OurEngines, startOurEngines } from './embed/our-engines.ts';
import { startThroughSql } from './embed/through-sql.ts';
import { median, type Options, readOptions } from './measure.ts';
import { type EmbeddingBenchModel, embeddingModel } from './models.ts';
import { otherLoad } from './other-load.ts';
import { Report } from './report.ts';
import { bestBatch } from './rivals/best-batch.ts';
import {
  ARRIVAL_ORDER,
  type Feeding,
  ONE_BY_ONE,
  startTransformers,
  type Transformers,
  type TransformersRivals,
} from './rivals/transformers.ts';
import { mixedTexts, shortTexts } from './texts.ts';

const HELP = `Usage: npm run bench embed -- [--rounds N] [--texts N] [--engines N] [--sql-texts N] [--json FILE]
Texts a second of the default embedding model: engine processes, against transformers.js over the same weights in fp32 (one by
one, in batches of ${BATCH} as they come, and sorted by length in the batch that is fastest here), over a dynamic int8 file made of
them, and over a file of int8 weights computed in floats. Then short texts through SQL, against the engines alone.
  --rounds     rounds that alternate (5)
  --texts      texts a round (600)
  --engines    single-threaded engine processes (2)
  --sql-texts  texts a round through SQL, 0 to leave it out (10000)
  --json       writes every figure into this file`;

const DEFAULTS = { rounds: 5, texts: 600, engines: 2, 'sql-texts': 10_000 };
const BARS = { oneByOne: [1.5, 2.5], arrivalOrder: [20], best: [3], int8: [1.5], throughSql: [0.9] };
const TRIED_TEXTS = 200;

interface Form {
  readonly what: string;
  readonly rival: Transformers;
  readonly feeding: Feeding;
  readonly bars?: readonly number[];
}

async function bench(options: Options<typeof DEFAULTS>): Promise<void> {
  const { rounds, texts: count, engines: engineCount } = options;
  const model = await embeddingModel();
  const { own, fp32 } = model;
  const texts = mixedTexts(count);
  const report = new Report('embed');
  await using rivals = await startTransformers(model);
  await using bounds = await encoderBounds(own, fp32, engineCount);
  await using ours = await startOurEngines(own, engineCount);
  report.conditions({
    'CPU class': ours.cpuClass,
    onnxruntime: `ours ${ours.onnxruntime}`,
    model: `${own.description.name}, ours ${own.description.format}`,
    ...rivals.conditions,
    threads: `ours ${engineCount} engines of 1, two calls of ${BATCH} texts open in each; transformers.js its default (all cores)`,
    texts: `${count}, ${median(texts.map((text) => text.length))} characters in the middle`,
    rounds,
  });
  const forms = await formsOf(report, rivals, texts.slice(0, TRIED_TEXTS));
  const speeds: number[] = [];
  const theirs: number[][] = forms.map(() => []);
  const tokens: number[] = [];
  const others: number[] = [];
  let agreement = 0;
  for (let round = -1; round < rounds; round++) {
    if (round >= 0) others.push(await otherLoad());
    const mine = await embedWithEngines(ours.engines, own.description.name, texts);
    if (round >= 0) speeds.push((count / mine.ms) * 1000);
    if (round >= 0) tokens.push((mine.tokens / mine.ms) * 1000);
    for (const [i, { rival, feeding }] of forms.entries()) {
      const answer = await rival.embed(texts, feeding);
      if (round >= 0) theirs[i]!.push((count / answer.ms) * 1000);
      if (i === 0) agreement = median(mine.vectors.map((vector, k) => dot(vector, answer.vectors[k]!)));
    }
    if (round >= 0) await bounds.measure();
  }
  for (const [i, { what, rival, bars }] of forms.entries()) {
    const sides = { ours: speeds, theirs: theirs[i]!, rival: `${rival.name} ${what}`, unit: 'texts/s' };
    report.compare({ what: 'embeddings', ...sides, ...(bars && { bars }) });
  }
  report.tell(
    `same work: median cosine of our vectors with those of transformers.js over our fp32 graph is ${agreement.toFixed(5)}`,
    { what: 'agreement', agreement },
  );
  bounds.tell(report, tokens);
  if (options['sql-texts'] > 0) await throughSql(report, model, ours, options);
  report.others(others);
  await report.end(options.json);
}

async function formsOf(report: Report, rivals: TransformersRivals, tried: readonly string[]): Promise<Form[]> {
  const { fp32, dynamicInt8, int8Weights } = rivals;
  const best = async (rival: Transformers): Promise<Omit<Form, 'bars'>> => {
    const rate = async (feeding: Feeding) => (tried.length / (await rival.embed(tried, feeding)).ms) * 1000;
    const feeding = await bestBatch(report, rival, rate);
    return { what: `at its best batch, ${feeding.batch} sorted by length`, rival, feeding };
  };
  return [
    { what: 'one by one', rival: fp32, feeding: ONE_BY_ONE, bars: BARS.oneByOne },
    { ...(await best(fp32)), bars: BARS.best },
    { what: 'in batches of 32 as they come', rival: fp32, feeding: ARRIVAL_ORDER, bars: BARS.arrivalOrder },
    ...(int8Weights ? [{ what: 'one by one', rival: int8Weights, feeding: ONE_BY_ONE, bars: BARS.int8 }] : []),
    ...(dynamicInt8 ? [{ what: 'one by one', rival: dynamicInt8, feeding: ONE_BY_ONE }, await best(dynamicInt8)] : []),
  ];
}

/** Half of its rounds begin with the one side, half with the other. */
async function throughSql(
  report: Report,
  { own }: EmbeddingBenchModel,
  { engines }: OurEngines,
  { rounds, 'sql-texts': count }: typeof DEFAULTS,
): Promise<void> {
  await using queue = await startThroughSql(engines.length, own.description.format);
  const texts = shortTexts(count);
  const [queued, alone]: [number[], number[]] = [[], []];
  const sides = [
    async () => ({ kept: queued, ms: await queue.embed(texts) }),
    async () => ({ kept: alone, ms: (await embedWithEngines(engines, own.description.name, texts)).ms }),
  ];
  for (let round = -1; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const { kept, ms } = await side();
      if (round >= 0) kept.push((count / ms) * 1000);
    }
  }
  const what = `${count} short texts (${median(texts.map((text) => text.length))} characters) through SQL, PostgreSQL ${queue.version}`;
  const compared = { what, ours: queued, theirs: alone, rival: 'the engines alone', unit: 'texts/s' };
  report.compare({ ...compared, bars: BARS.throughSql });
}

const options = readOptions(HELP, DEFAULTS, ['sql-texts']);
if (options) await bench(options);
