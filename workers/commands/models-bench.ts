// `steadytext models bench`: measures a model in several number formats on this machine, and records which one is taken.

import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { SteadyTextError } from '../errors.ts';
import { checkFormat, NUMBER_FORMATS, type NumberFormat, runnableFormats } from '../inference/choose-format.ts';
import type { Convert } from '../inference/convert/ensure-converted.ts';
import { measureFormats } from '../inference/measure/measure-formats.ts';
import { isReadyMadeEntry } from '../inference/store/manifest.ts';
import { openModelStore } from '../inference/store/model-store.ts';
import { type CommandContext, print, readConfig, remark } from './context.ts';
import { MEASURING, measuringStep, printMeasured } from './measured.ts';
import { openModelsLog } from './models-log.ts';
import { namedModels } from './named-models.ts';
import { createProgress } from './progress.ts';
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
    .option('--tokens <number>', 'tokens of text that a text model has to foresee', count(300), MEASURING.tokens)
    .option('--rounds <number>', 'times that speed is measured', count(1), MEASURING.rounds)
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
  const formats = checkFormats(name, flags.formats ?? runnableFormats());
  const text = flags.text === undefined ? undefined : readText(flags.text);
  const { tokens, rounds, record, json } = flags;
  await unlessStopped(context, async (signal) => {
    await store.sourceFiles(name, signal);
    const measured = await measureFormats(store, name, {
      ...{ formats, convert, record, rounds, tokens, text, newTokens: MEASURING.newTokens, log, progress, signal },
      onStep: (done, of) => remark(context, measuringStep(name, done, of)),
    });
    const { choice, recordedIn } = measured;
    if (json) return print(context, JSON.stringify({ ...choice, recordedIn: recordedIn ?? null }, null, 2));
    printMeasured(context, entry.kind, measured);
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SteadyTextError(
      'InvalidOption',
      `--text should be a file of text, but ${path} cannot be read: ${cause}`,
      {
        hint: 'Name a file in UTF-8 of a few thousand tokens or more.',
        cause,
      },
    );
  }
}

function checkFormats(name: string, formats: readonly NumberFormat[]): readonly NumberFormat[] {
  for (const format of formats) checkFormat(name, format);
  return formats;
}

function readyMade(name: string): SteadyTextError {
  return new SteadyTextError(
    'InvalidOption',
    `models bench should be given a model that is converted to a number format, but ${name} is a ready-made graph that runs as it is`,
    { hint: '`steadytext models list` tells the models.' },
  );
}
