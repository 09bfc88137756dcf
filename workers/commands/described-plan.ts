// What adding a model means, as a person reads it before the weights are fetched.

import type { AddPlan } from '../inference/add/plan.ts';
import type { NumberFormat } from '../inference/choose-format.ts';
import { cpuClass } from '../inference/cpu-class.ts';
import { isReadyMade, type ModelShape } from '../inference/model-folder.ts';
import { weightsMemory } from '../inference/model-memory.ts';
import { formatBytes } from '../inference/store/bytes.ts';
import { modelBytes } from '../inference/store/manifest.ts';
import { type CommandContext, print, printText } from './context.ts';
import { formatRows } from './row-format.ts';

/**
 * What an engine has beside its weights, keys and values: Node, onnxruntime and what a request takes. Peaks of engines with one
 * model in row8: a MiniLM of 25 MB 163 MB, SmolLM2-135M of 170 MB 333 MB.
 */
const ENGINE_BYTES = 140e6;

const REASONS: Readonly<Record<AddPlan['why'], (format: NumberFormat) => string>> = {
  own: () => 'its own (a ready-made graph runs as it is)',
  set: (format) => `${format}, as it is set: nothing is measured`,
  measured: (format) => `${format}, as it was measured here before`,
  cpu: (format) => `${format}, which a CPU of this class (${cpuClass()}) has by default`,
};

/** `measure`: whether formats are measured where nothing but the CPU's class chooses one. */
export function describePlan(context: CommandContext, plan: AddPlan, measure: boolean): void {
  const { label, entry, digest, format, shape, convertedBytes } = plan;
  const columns = ['role', 'file', 'bytes', 'sha256'].map((column) => ({ name: column, dataTypeID: 0 }));
  const rows = entry.files.map(({ role, path, bytes, sha256 }) => [role, path, bytes.toLocaleString('en-US'), sha256]);
  const fetched = modelBytes(entry);
  const memory = convertedBytes + ENGINE_BYTES;
  const kv = shape && 'kvHeads' in shape ? ', and keys and values beside (STEADYTEXT_KV_CACHE_MB)' : '';
  printText(context, `${entry.name}: ${entry.kind} model, ${shapeLine(shape)}, digest ${digest.slice(0, 12)}…`);
  printText(context, `from ${label}`);
  print(context, formatRows(columns, rows, 'table', context.stdout));
  printText(context, `licence: ${entry.licence}`);
  print(context, `format: ${REASONS[plan.why](format)}`);
  const alone = shape && isReadyMade(shape) ? shape.graph.alone : undefined;
  if (alone !== undefined) printText(context, `batches: each text runs alone, since ${alone}`);
  print(
    context,
    `disk: ${formatBytes(fetched + convertedBytes)} (${formatBytes(fetched)} fetched, about ${formatBytes(convertedBytes)} converted)`,
  );
  // onnxruntime may make floats of them when it loads the graph: MiniLM's with 23 MB of such weights peaked at 307 MB.
  const own = format === 'own' ? ', and four times its weights more where they are in 8 bits' : '';
  print(context, `memory: about ${formatBytes(memory)} an engine${kv}${own}`);
  if (plan.why === 'cpu') print(context, `measured: ${measure ? measuringLine(plan) : 'no'}`);
}

/** Of measuring, at its most: fp32 in an engine. */
export function measuringMemory({ bytesByFormat }: AddPlan): number {
  return weightsMemory(bytesByFormat.get('fp32') ?? 0) + ENGINE_BYTES;
}

function measuringLine(plan: AddPlan): string {
  const { format, bytesByFormat } = plan;
  const others = [...bytesByFormat].filter(([each]) => each !== format);
  const disk = others.reduce((sum, [, bytes]) => sum + bytes, 0);
  return `${[...bytesByFormat.keys()].join(', ')}, with up to ${formatBytes(disk)} more on disk and ${formatBytes(measuringMemory(plan))} of memory meanwhile (not with --no-measure)`;
}

function shapeLine(shape: ModelShape | undefined): string {
  if (shape === undefined) return 'a ready-made graph, which is looked at once it is fetched';
  const { architecture, maxTokens } = shape;
  const dimension = 'dimension' in shape ? `, ${shape.dimension} numbers` : '';
  return `${architecture}, up to ${maxTokens.toLocaleString('en-US')} tokens${dimension}`;
}
