// Quality: what rounding to 8 bits costs the default models, in each number format that this CPU runs, against the same weights in
// fp32; and beside it what it costs the files that transformers.js runs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosine } from '../../workers/inference/encoder/pooling.ts';
import { foresee, WINDOW, type WindowLoss } from '../../workers/inference/measure/foresee.ts';
import { overviews } from '../../workers/inference/measure/shipped-texts.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { embedWithEngines, startOurEngines } from './embed/our-engines.ts';
import { median, type Options, readOptions } from './measure.ts';
import { embeddingModel, embeddingModelIn, formatsHere, textModelIn } from './models.ts';
import { perplexityChange } from './quality/bootstrap.ts';
import { Report } from './report.ts';
import { ONE_BY_ONE, startTransformers } from './rivals/transformers.ts';

const HELP = `Usage: npm run bench quality -- [--sentences N] [--tokens N] [--json FILE]
What rounding costs the default models, against the same weights in fp32, in each number format that this CPU runs: cosines of
embeddings, and perplexity with an interval, over texts that nothing is converted with; beside it the cosines of transformers.js over int8
files. Bars: cosine 0.999 in the middle and 0.995 at the least; perplexity 1 %.
  --sentences  of 1100 (all)
  --tokens     of a text of some 25,000, in whole windows of ${WINDOW} (all, which take some minutes a format)
  --json       writes every figure into this file`;

const DEFAULTS = { sentences: 1_100, tokens: 1_000_000 };
const BARS = { median: 0.999, least: 0.995, perplexity: 0.01 };
/** Fewer say too little for a verdict. */
const FEWEST = { sentences: 1_000, tokens: 20_000 };

async function bench({ sentences: count, tokens, json }: Options<typeof DEFAULTS>): Promise<void> {
  const report = new Report('quality');
  const all = readFileSync(join(import.meta.dirname, 'quality', 'sentences.txt'), 'utf8')
    .trim()
    .split('\n');
  const sentences = all.slice(0, count);
  const model = await embeddingModel();
  await using rivals = await startTransformers(model);
  report.conditions({
    formats: `${formatsHere().join(', ')}, against fp32 of the same converter`,
    ...rivals.conditions,
    sentences: `${sentences.length} of the World Factbook, whole vectors`,
    text: `economic overviews of the World Factbook, windows of ${WINDOW} tokens, each on its own`,
    interval: '95 %, of windows drawn again 2,000 times, both sides the same ones',
  });
  const fp32 = await vectorsOf(model.fp32, sentences);
  for (const format of formatsHere()) {
    const vectors = await vectorsOf(await embeddingModelIn(format), sentences);
    tellCosines(report, `ours ${format}`, vectors, fp32, sentences.length >= FEWEST.sentences);
  }
  for (const rival of [rivals.fp32, rivals.int8Weights, rivals.dynamicInt8]) {
    if (rival) tellCosines(report, rival.name, (await rival.embed(sentences, ONE_BY_ONE)).vectors, fp32);
  }
  const text = overviews().trim();
  const whole = { tokens: Math.floor(tokens / WINDOW) * WINDOW };
  const plain = await foresee(await textModelIn('fp32'), text, whole);
  for (const format of formatsHere())
    tellPerplexity(report, format, await foresee(await textModelIn(format), text, whole), plain);
  await report.end(json);
}

async function vectorsOf(folder: ModelFolder, texts: readonly string[]): Promise<readonly Float32Array[]> {
  await using ours = await startOurEngines(folder, 1);
  return (await embedWithEngines(ours.engines, folder.description.name, texts)).vectors;
}

function tellCosines(
  report: Report,
  side: string,
  vectors: readonly Float32Array[],
  fp32: readonly Float32Array[],
  hasBar = false,
): void {
  const cosines = vectors.map((vector, i) => cosine(vector, fp32[i]!));
  const [middle, least] = [median(cosines), Math.min(...cosines)];
  const reached = middle >= BARS.median && least >= BARS.least;
  const verdict = hasBar ? `, bars ${BARS.median} and ${BARS.least} ${reached ? 'reached' : 'MISSED'}` : '';
  const sentence = `cosine to fp32 over ${cosines.length} sentences, ${side}: median ${middle.toFixed(5)}, least ${least.toFixed(5)}${verdict}`;
  report.tell(sentence, { what: 'cosine to fp32', side, median: middle, least, cosines }, hasBar ? reached : undefined);
}

function tellPerplexity(
  report: Report,
  format: string,
  rounded: readonly WindowLoss[],
  plain: readonly WindowLoss[],
): void {
  const figures = perplexityChange(rounded, plain);
  const scored = rounded.reduce((sum, window) => sum + window.tokens, 0);
  const percent = (part: number) => `${part < 0 ? '' : '+'}${(100 * part).toFixed(2)}`;
  const { perplexity, of, change, least, most } = figures;
  const reached = change <= BARS.perplexity;
  const hasBar = scored >= FEWEST.tokens;
  const verdict = hasBar
    ? `, bar ${percent(BARS.perplexity)} % ${reached ? 'reached' : 'MISSED'}`
    : ', too few tokens for a verdict';
  const sentence = `perplexity over ${scored} tokens, ours ${format}: ${perplexity.toFixed(3)}, fp32 ${of.toFixed(3)}: ${percent(change)} % (${percent(least)} to ${percent(most)})${verdict}`;
  report.tell(
    sentence,
    { what: 'perplexity', format, scored, ...figures, windows: { rounded, plain } },
    hasBar ? reached : undefined,
  );
}

const options = readOptions(HELP, DEFAULTS);
if (options) await bench(options);
