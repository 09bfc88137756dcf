// Reranking by the default embedding model: engine processes that get a query with its documents, against transformers.js that embeds
// them one by one, and sorted by length in its best batch. Rounds alternate.

import type { EngineProcess } from '../../workers/inference/process/engine-process.ts';
import { encoderBounds } from './bounds/encoder-bounds.ts';
import { startOurEngines } from './embed/our-engines.ts';
import { median, type Options, readOptions } from './measure.ts';
import { embeddingModel } from './models.ts';
import { otherLoad } from './other-load.ts';
import { Report } from './report.ts';
import { agreementOf, rerankQueries } from './rerank/queries.ts';
import { bestBatch } from './rivals/best-batch.ts';
import { type Feeding, ONE_BY_ONE, type Query, startTransformers, type Transformers } from './rivals/transformers.ts';
import { mixedTexts } from './texts.ts';

const HELP = `Usage: npm run bench rerank -- [--rounds N] [--queries N] [--engines N] [--json FILE]
Documents a second ranked by the default embedding model (cosine), queries of 20 to 100 documents: engine processes, against
transformers.js over the same weights in fp32 and over a dynamic int8 file made of them, one by one and in its best batch.
  --rounds   rounds that alternate (5)
  --queries  a round (12)
  --engines  single-threaded engine processes (2)
  --json     writes every figure into this file`;

const DEFAULTS = { rounds: 5, queries: 12, engines: 2 };
/** Documents of which no two are the same. */
const TEXTS = 1_000;
/** Queries that an engine has open, as a worker lets it. */
const OPEN = 4;
const TRIED_QUERIES = 3;

async function bench({ rounds, queries: count, engines: engineCount, json }: Options<typeof DEFAULTS>): Promise<void> {
  const model = await embeddingModel();
  const { own, fp32 } = model;
  const queries = rerankQueries(count, mixedTexts(TEXTS));
  const documents = queries.reduce((sum, query) => sum + query.documents.length, 0);
  const report = new Report('rerank');
  await using rivals = await startTransformers(model);
  await using bounds = await encoderBounds(own, fp32, engineCount);
  await using ours = await startOurEngines(own, engineCount);
  report.conditions({
    'CPU class': ours.cpuClass,
    onnxruntime: `ours ${ours.onnxruntime}`,
    model: `${own.description.name}, ours ${own.description.format}, scores by cosine; no cross-encoder: no package registry has one`,
    ...rivals.conditions,
    threads: `ours ${engineCount} engines of 1, up to ${OPEN} queries open in each; transformers.js its default (all cores), a query at a time`,
    work: `${count} queries of 20 to 100 documents, ${documents} in all, ${median(queries.flatMap((query) => query.documents).map((text) => text.length))} characters in the middle`,
    rounds,
  });
  const forms: { rival: Transformers; what: string; feeding: Feeding }[] = [];
  for (const rival of [rivals.fp32, rivals.dynamicInt8]) {
    if (!rival) continue;
    const tried = queries.slice(-TRIED_QUERIES);
    const texts = tried.reduce((sum, query) => sum + query.documents.length, 0);
    const feeding = await bestBatch(
      report,
      rival,
      async (each) => (1000 * texts) / (await rival.rerank(tried, each)).ms,
    );
    forms.push({ rival, what: 'one by one', feeding: ONE_BY_ONE });
    forms.push({ rival, what: `at its best batch, ${feeding.batch} sorted by length`, feeding });
  }
  const speeds: number[] = [];
  const tokens: number[] = [];
  const theirs: number[][] = forms.map(() => []);
  const others: number[] = [];
  let agreement = { median: 0, most: 0, sameFirst: 0 };
  for (let round = -1; round < rounds; round++) {
    if (round >= 0) others.push(await otherLoad());
    const mine = await rerankWithEngines(ours.engines, own.description.name, queries);
    if (round >= 0) speeds.push((1000 * documents) / mine.ms);
    if (round >= 0) tokens.push((1000 * mine.tokens) / mine.ms);
    for (const [i, { rival, feeding }] of forms.entries()) {
      const answer = await rival.rerank(queries, feeding);
      if (round >= 0) theirs[i]!.push((1000 * documents) / answer.ms);
      if (i === 0) agreement = agreementOf(mine.scores, answer.scores);
    }
    if (round >= 0) await bounds.measure();
  }
  for (const [i, { rival, what }] of forms.entries()) {
    const sides = { ours: speeds, theirs: theirs[i]!, rival: `${rival.name} ${what}`, unit: 'documents/s' };
    report.compare({ what: 'reranking', ...sides });
  }
  const { median: middle, most, sameFirst } = agreement;
  report.tell(
    `same work: our cosines are ${middle.toFixed(4)} from those of transformers.js over our fp32 graph in the middle, ${most.toFixed(4)} at most, ` +
      `and ${sameFirst} of ${count} queries have the same first document; of documents that are too long ours scores each part, it the beginning`,
    { what: 'agreement', ...agreement },
  );
  bounds.tell(report, tokens);
  report.others(others);
  await report.end(json);
}

/** Each query to an engine that has room for one. */
async function rerankWithEngines(engines: readonly EngineProcess[], model: string, queries: readonly Query[]) {
  const begun = performance.now();
  const scores: (readonly number[])[] = [];
  let [next, tokens] = [0, 0];
  const lane = async (engine: EngineProcess) => {
    while (next < queries.length) {
      const place = next++;
      const output = await engine.rerank({ model, ...queries[place]! });
      scores[place] = output.scores;
      tokens += output.tokens;
    }
  };
  // In turn over the engines: few queries would all go to the first one.
  await Promise.all(Array.from({ length: OPEN }, () => engines.map(lane)).flat());
  return { ms: performance.now() - begun, scores, tokens };
}

const options = readOptions(HELP, DEFAULTS);
if (options) await bench(options);
