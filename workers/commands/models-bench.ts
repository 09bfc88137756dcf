// `steadytext models bench`: measures a model in several number formats on this machine, and records which one is taken.

import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { SteadyTextError } from '../errors.ts';
import {
  checkFormat,
  chooseFormatOf,
  NUMBER_FORMATS,
  type NumberFormat,
  runsRow8,
} from '../inference/choose-format.ts';
import { cpuClass } from '../inference/cpu-class.ts';
import { type BenchResult, benchModel } from '../inference/measure/bench-model.ts';
import type { Quality } from '../inference/measure/quality.ts';
import { type Recommendation, recommend } from '../inference/measure/recommend.ts';
import type { ModelFolder } from '../inference/model-folder.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import { type Choice, choiceOf, writeChoice } from '../inference/store/choices.ts';
import { isReadyMadeEntry, type ManifestEntry, modelDigest } from '../inference/store/manifest.ts';
import { openModelStore } from '../inference/store/model-store.ts';
import { type CommandContext, print, readConfig, remark } from './context.ts';
import type { Convert } from './models.ts';
import { openModelsLog } from './models-log.ts';
import { namedModels } from './named-models.ts';
import { createProgress } from './progress.ts';
import { formatRows } from './row-format.ts';
import { unlessStopped } from './unless-stopped.ts';

interface Flags {
  readonly formats?: readonly NumberFormat[];
  readonly tokens: number;
  readonly rounds: number;
  readonly text?: string;
  readonly record: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  steadytext models bench smollm2-135m-instruct
  steadytext models bench all-minilm-l6-v2 --formats row8u,nb8 --no-record
  steadytext models bench smollm2-135m-instruct --text our-letters.txt --tokens 20000`;

/** Of each answer that is timed. */
const NEW_TOKENS = 48;
const HEADS: Readonly<Record<string, string>> = {
  prompt: 'prompt tokens/s',
  oneStream: 'tokens/s, 1 stream',
  eightStreams: 'tokens/s, 8 streams',
  texts: 'texts/s',
  pairs: 'pairs/s',
};

export function registerModelsBench(models: Command, context: CommandContext, convert: Convert): void {
  models
    .command('bench')
    .description('measure quality, speed and memory of a model in several number formats here, and record the best')
    .argument('<name>', 'a model of `steadytext models list`')
    .option(
      '--formats <list>',
      'formats to measure beside fp32, with commas (default: all that this CPU runs)',
      formatList,
    )
    .option('--tokens <number>', 'tokens of text that a text model has to foresee', count(300), 2300)
    .option('--rounds <number>', 'times that speed is measured', count(1), 3)
    .option('--text <file>', 'a text of your own for that, instead of the one that comes with it')
    .option('--no-record', 'leave what "auto" takes as it is')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((name: string, flags: Flags) => bench(context, name, flags, convert));
}

function formatList(value: string): NumberFormat[] {
  const names = value.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !NUMBER_FORMATS.some((known) => known === name));
  if (wrong === undefined) return names as NumberFormat[];
  throw new InvalidArgumentError(`Expected some of ${NUMBER_FORMATS.join(', ')} with commas between, got ${wrong}.`);
}

function count(least: number) {
  return (value: string): number => {
    if (/^\d{1,7}$/.test(value) && Number(value) >= least) return Number(value);
    throw new InvalidArgumentError(`Expected a whole number from ${least} on, got ${value}.`);
  };
}

async function bench(context: CommandContext, name: string, flags: Flags, convert: Convert): Promise<void> {
  const config = readConfig(context);
  const { cacheDir, modelDir, hfEndpoint } = config;
  const progress = createProgress(context.stderr);
  const log = openModelsLog(context, config);
  const store = openModelStore({ cacheDir, modelDir, hfEndpoint, progress, log, pip: { env: context.env } });
  const entry = namedModels([name], store.entries)[0]!;
  if (isReadyMadeEntry(entry)) throw readyMade(name);
  const formats = formatsOf(name, flags.formats);
  const text = flags.text === undefined ? undefined : readFileSync(flags.text, 'utf8');
  await unlessStopped(context, async (signal) => {
    await store.sourceFiles(name, signal);
    const folders: ModelFolder[] = [];
    for (const format of formats) folders.push(await convert(store, name, format, { log, progress, signal }));
    const started = performance.now();
    const onStep = (done: number, of: number) => remark(context, `measuring ${name}: step ${done + 1} of ${of}`);
    const { tokens, rounds } = flags;
    const result = await benchModel({ folders, rounds, tokens, newTokens: NEW_TOKENS, text, signal, onStep });
    signal.throwIfAborted();
    const seconds = Math.round((performance.now() - started) / 1000);
    const chosen = recommend(result.figures, chooseFormatOf(entry.kind, 'auto'));
    const choice = choiceOf(modelDigest(entry), chosen.format, {
      ...{ model: name, reason: chosen.reason, forLittleMemory: chosen.forLittleMemory },
      ...{ at: new Date().toISOString(), conditions: result.conditions, figures: result.figures },
    });
    const path = flags.record ? await writeChoice(store.root, choice) : undefined;
    if (flags.json) return print(context, JSON.stringify({ ...choice, recordedIn: path ?? null }, null, 2));
    printTable(context, entry, result);
    printConditions(context, result, choice, seconds);
    printRecommendation(context, chosen);
    if (path !== undefined) print(context, `recorded in ${path}: "auto" takes it for this model on ${choice.cpuClass}`);
  });
}

/** fp32 is what the others are compared with. */
function formatsOf(name: string, asked: readonly NumberFormat[] | undefined): NumberFormat[] {
  for (const format of asked ?? []) checkFormat(name, format);
  const all = asked ?? NUMBER_FORMATS.filter((format) => format !== 'row8' || runsRow8());
  return [...new Set([...all, 'fp32' as const])];
}

function printTable(context: CommandContext, { kind }: ManifestEntry, { figures }: BenchResult): void {
  const qualities = {
    text: ['perplexity', 'to fp32'],
    embedding: ['median cosine', 'least'],
    reranking: ['difference', 'same order'],
  }[kind];
  const speeds = Object.keys(figures[0]!.speeds);
  const heads = ['format', ...qualities, ...speeds.map((what) => HEADS[what]!), 'memory', 'file', 'load'];
  const rows = figures.map((its) => [
    its.format,
    ...qualityCells(its.quality),
    ...speeds.map((what) => its.speeds[what]!.toFixed(0)),
    formatBytes(its.residentBytes),
    formatBytes(its.fileBytes),
    `${Math.round(its.loadMs)} ms`,
  ]);
  const columns = heads.map((head) => ({ name: head, dataTypeID: 0 }));
  print(context, formatRows(columns, rows, 'table', context.stdout));
}

function qualityCells(quality: Quality): string[] {
  if (quality.kind === 'embedding') return [quality.medianCosine.toFixed(5), quality.leastCosine.toFixed(5)];
  if (quality.kind === 'reranking')
    return [quality.largestDifference.toFixed(4), `${(100 * quality.sameOrder).toFixed(0)} %`];
  const [least, most] = quality.interval.map(percent);
  return [quality.perplexity.toFixed(3), `${percent(quality.excess)} (${least} to ${most})`];
}

function percent(share: number): string {
  return Math.abs(share) > 10 ? 'not known' : `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)} %`;
}

function printConditions(
  context: CommandContext,
  { conditions, figures }: BenchResult,
  choice: Choice,
  seconds: number,
) {
  const { cpu, cores, node, loadBefore, rounds, text } = conditions;
  const { quality } = figures[0]!;
  const over =
    quality.kind === 'text' ? `${quality.tokens} tokens of the ${text} text, intervals of 95 %` : 'the shipped texts';
  print(context, `quality over ${over}; speeds are medians of ${rounds}, memory is of an engine with this model alone`);
  print(
    context,
    `on ${cpu} (${cpuClass()}), ${cores} cores, load ${loadBefore.toFixed(1)} before; node ${node}, onnxruntime ${choice.onnxruntimeVersion}, ` +
      `engine ${choice.engineVersion}, converter ${choice.converterVersion}; ${seconds} s`,
  );
  if (loadBefore > cores / 2) print(context, 'the machine was busy: speeds are lower than they can be, and less sure');
}

function printRecommendation(context: CommandContext, { format, reason, forLittleMemory }: Recommendation): void {
  print(context, `recommended: ${format}, ${reason}`);
  if (forLittleMemory) print(context, `where memory is short: ${forLittleMemory}, which meets the bars too`);
}

function readyMade(name: string): SteadyTextError {
  return new SteadyTextError(
    'InvalidOption',
    `models bench should be given a model that is converted to a number format, but ${name} is a ready-made graph that runs as it is`,
    { hint: '`steadytext models list` tells the models.' },
  );
}
