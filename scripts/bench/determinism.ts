// Determinism: random requests to the default models, each alone and then in random company, compared by bytes (the sweep of
// `npm run stress`); and beside it what the same texts become in transformers.js, alone and in batches.

import { randomInt } from 'node:crypto';
import { DEFAULT_CACHE_BYTES, DEFAULT_DRAWS, ROUND_OF } from '../stress/default-draws.ts';
import { foundLines, roundLine, summary } from '../stress/report.ts';
import { type Found, sweep } from '../stress/sweep.ts';
import { added, differ, EMPTY } from '../stress/tally.ts';
import { type VectorDifferences, vectorDifferences } from './determinism/vector-differences.ts';
import { BATCH, embedWithEngines, startOurEngines } from './embed/our-engines.ts';
import { type Options, readOptions } from './measure.ts';
import { defaultModels, embeddingModel } from './models.ts';
import { Report } from './report.ts';
import { ARRIVAL_ORDER, ONE_BY_ONE, startTransformers } from './rivals/transformers.ts';
import { mixedTexts } from './texts.ts';

const HELP = `Usage: npm run bench determinism -- [--embeddings N] [--generations N] [--texts N] [--seed N] [--json FILE]
Bytes that differ between answers of the default models alone and in random company: mates, order, padding, slots, guessed
tokens, prefix hits or none, greedy, drawn and constrained, in two engines of unlike settings at once. Bar: 0. Beside it, of
real texts one by one against batches of ${BATCH} as they come, how many vectors of transformers.js differ and how far: over the
same weights in fp32, and over a dynamic int8 file made of them.
  --embeddings   in random batches (10000)
  --generations  0 to leave them out (1000, which take most of the time: half an hour on two cores)
  --texts        that transformers.js embeds in both ways (1000)
  --seed         of all that is random (another one each time)
  --json         writes every figure into this file`;

const DEFAULTS = { embeddings: 10_000, generations: 1_000, texts: 1_000, seed: randomInt(1e9) };
const ENGINES = 2;

async function bench({ embeddings, generations, texts: count, seed, json }: Options<typeof DEFAULTS>): Promise<void> {
  const models = await defaultModels();
  const model = await embeddingModel();
  const report = new Report('determinism');
  await using rivals = await startTransformers(model);
  await using ours = await startOurEngines(model.own, ENGINES);
  report.conditions({
    'CPU class': ours.cpuClass,
    onnxruntime: `ours ${ours.onnxruntime}`,
    models: models.map(({ description }) => `${description.name} in ${description.format}`).join(', '),
    ...rivals.conditions,
    engines: `${ENGINES} at once with company, ${ENGINES} with one request at a time, all new in each round`,
    seed,
  });
  await tellSweep(report, models, { embeddings, pairs: 0, generations }, seed);
  const texts = mixedTexts(count);
  const mine = async (batch: number) =>
    (await embedWithEngines(ours.engines, model.own.description.name, texts, batch)).vectors;
  tellVectors(report, 'ours', vectorDifferences(await mine(1), await mine(BATCH)), true);
  for (const rival of [rivals.fp32, rivals.dynamicInt8]) {
    if (!rival) continue;
    const alone = (await rival.embed(texts, ONE_BY_ONE)).vectors;
    const together = (await rival.embed(texts, ARRIVAL_ORDER)).vectors;
    tellVectors(report, rival.name, vectorDifferences(alone, together));
  }
  await report.end(json);
}

async function tellSweep(
  report: Report,
  models: Awaited<ReturnType<typeof defaultModels>>,
  counts: { readonly embeddings: number; readonly pairs: number; readonly generations: number },
  seed: number,
): Promise<void> {
  let tally = EMPTY;
  let first: Found | undefined;
  const settings = { models, draws: DEFAULT_DRAWS, cacheBytes: DEFAULT_CACHE_BYTES, engines: ENGINES, alone: ENGINES };
  for await (const end of sweep({ seed, counts, roundOf: ROUND_OF, ...settings })) {
    tally = added(tally, end.tally);
    first ??= end.found;
    console.log(roundLine(end));
  }
  if (first) {
    const { embeddings, generations } = counts;
    const again = `npm run bench determinism -- --seed ${seed} --embeddings ${embeddings} --generations ${generations}`;
    for (const line of foundLines(first, again)) console.log(line);
  }
  const [embedded, , generated, cancelled] = summary(tally);
  const bytes = tally.embeddings.differingBytes + tally.generations.differingBytes;
  const sentence = `\nalone and in company: ${embedded}\n${generated}\n${cancelled}`;
  const reached = differ(tally) === 0;
  report.tell(
    `${sentence}\n${bytes} differing bytes, bar 0 ${reached ? 'reached' : 'MISSED'}\n`,
    { what: 'alone and in company', seed, tally, found: first?.request },
    reached,
  );
}

function tellVectors(report: Report, side: string, differences: VectorDifferences, hasBar = false): void {
  const { vectors, differ: some, bytes, differingBytes, largest, leastCosine } = differences;
  const reached = differingBytes === 0;
  const share = `${some} of ${vectors} vectors (${((100 * some) / vectors).toFixed(1)} %) and ${differingBytes} of ${bytes} bytes differ`;
  const far =
    some === 0 ? '' : `, numbers by up to ${largest.toExponential(1)}, least cosine ${leastCosine.toFixed(6)}`;
  const verdict = hasBar ? `, bar 0 ${reached ? 'reached' : 'MISSED'}` : '';
  const sentence = `one by one against batches of ${BATCH}, ${side}: ${share}${far}${verdict}`;
  report.tell(sentence, { what: 'one by one against batches', side, ...differences }, hasBar ? reached : undefined);
}

const options = readOptions(HELP, DEFAULTS, ['generations', 'seed']);
if (options) await bench(options);
