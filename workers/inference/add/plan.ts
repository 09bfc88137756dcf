// What adding a model would mean, found out without fetching its weights: files with sizes and digests, kind, family, the format
// it is converted to, and what that takes. Whatever can be refused by then is refused by name.

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { SteadyTextError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type NumberFormat, runnableFormats } from '../choose-format.ts';
import { convertedBytes } from '../convert/converted-bytes.ts';
import { readBertShape } from '../convert/graphs/bert-shape.ts';
import type { ModelKind } from '../engine.ts';
import { type ChosenFormat, formatOfModel } from '../format-of-model.ts';
import type { ModelShape } from '../model-folder.ts';
import { type FileRole, type ManifestEntry, modelBytes, modelDigest, parseManifest } from '../store/manifest.ts';
import { isManifestPath } from '../store/manifest-schema.ts';
import { openBeforehand } from './beforehand.ts';
import { chooseFiles } from './choose-files.ts';
import { dataOfGraph } from './data-of-graph.ts';
import { shown } from './licence.ts';
import type { ModelPlace } from './place.ts';
import { SmallFiles } from './small-files.ts';

export interface PlanOptions {
  readonly name?: string | undefined;
  readonly kind?: ModelKind | undefined;
  readonly format: NumberFormat | 'auto';
  /** Of the store, where a choice may be recorded. */
  readonly root: string;
  readonly log?: Logger;
  /** Its maker removes it. */
  readonly tempFolder: string;
}

export interface AddPlan extends ChosenFormat {
  /** Where it is, for the user. */
  readonly label: string;
  readonly entry: ManifestEntry;
  readonly digest: string;
  /** Undefined of a graph that is not here yet: what it takes and gives is looked at once it is fetched. */
  readonly shape: ModelShape | undefined;
  readonly convertedBytes: number;
  /** About how large it is in each format that this CPU runs; of a graph nothing. */
  readonly bytesByFormat: ReadonlyMap<NumberFormat, number>;
}

const configSchema = z.looseObject({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).optional(),
});
const modulesSchema = z.array(z.looseObject({ type: z.string(), path: z.string().optional() }));

export async function planModel(place: ModelPlace, options: PlanOptions): Promise<AddPlan> {
  const small = new SmallFiles(place, options.tempFolder);
  try {
    return await plan(place, small, options);
  } catch (error) {
    throw small.inPlace(error);
  }
}

async function plan(place: ModelPlace, small: SmallFiles, options: PlanOptions): Promise<AddPlan> {
  const config = small.has('config.json') ? await small.read('config.json', configSchema) : undefined;
  const chosen = chooseFiles(place, config, options.kind);
  const { kind, form } = chosen;
  const paths = new Map(chosen.paths);
  // A family that is not known is told by its settings alone, before its tokenizer is asked for.
  if (form === 'safetensors') readBertShape({ config: (await small.fetch('config.json')).at });
  const pooling = await poolingPath(small, paths);
  if (pooling !== undefined) paths.set('pooling_config', pooling);
  if (form === 'onnx' && !paths.has('weights_data')) {
    const data = await dataOfGraph(place, paths.get('weights')!);
    if (data !== undefined) paths.set('weights_data', data);
  }
  refusePaths(place, [...paths.values()]);
  const opened = await openBeforehand(place, { ...chosen, paths }, small, options.tempFolder);
  try {
    const files = [];
    for (const [role, path] of paths) files.push({ role, path, ...(await sizeAndDigest(place, small, role, path)) });
    const entry = entryOf(place, {
      name: options.name ?? nameFrom(place.name),
      kind,
      licence: place.licence ?? shown(opened?.licence) ?? 'not told by the source',
      ...(place.origin !== undefined && { origin: place.origin }),
      files,
      sources: place.sources,
    });
    const { label } = place;
    const chosen = formatOfModel(options.root, entry, options.format, options.log);
    const formats = opened && chosen.why !== 'own' ? runnableFormats() : [];
    return {
      ...{ label, entry, digest: modelDigest(entry), ...chosen, shape: opened?.shape },
      // A graph stays as large as it is.
      convertedBytes: opened ? convertedBytes(opened, chosen.format) : modelBytes(entry),
      bytesByFormat: new Map(formats.map((format) => [format, convertedBytes(opened!, format)])),
    };
  } finally {
    opened?.file.close();
  }
}

/** A manifest names its files as they are called, and does not take every name. */
function refusePaths(place: ModelPlace, paths: readonly string[]): void {
  const path = paths.find((each) => !isManifestPath(each));
  if (path === undefined) return;
  const plain = path
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9_.+/-]+/g, '-');
  const better = plain
    .replace(/\.\.+/g, '.')
    .replace(/-+(\.|$)/g, '$1')
    .replace(/(^|\/)(?=\.)/g, '$1model')
    .replace(/(^|\/)[-+]+/g, '$1');
  throw new SteadyTextError(
    'ModelUnsupported',
    `${place.label}: expected names of files to begin with a letter, a digit or "_" and to go on with those, ".", "+" or "-", without "..", got ${JSON.stringify(path)}`,
    {
      hint: `${place.at ? 'Rename it' : 'Fetch the files into a folder, rename it there'}, for example to ${JSON.stringify(better)}, and add ${place.at ? 'it again' : 'the folder'}.`,
    },
  );
}

/** Where modules.json says that the settings of the pooling lie. */
async function poolingPath(small: SmallFiles, paths: ReadonlyMap<FileRole, string>): Promise<string | undefined> {
  const modules = paths.get('modules');
  if (modules === undefined) return undefined;
  const pooling = (await small.read(modules, modulesSchema)).find(({ type }) => type.endsWith('.Pooling'));
  const path = `${pooling?.path}/config.json`;
  return pooling?.path !== undefined && small.has(path) ? path : undefined;
}

async function sizeAndDigest(place: ModelPlace, small: SmallFiles, role: FileRole, path: string) {
  if (!role.startsWith('weights')) {
    const { bytes, sha256 } = await small.fetch(path);
    return { bytes, sha256 };
  }
  const file = place.files.find((its) => its.path === path)!;
  if (file.sha256 !== undefined) return { bytes: file.bytes, sha256: file.sha256 };
  if (place.source === undefined)
    throw new SteadyTextError(
      'ModelUnavailable',
      `${place.label}: expected the hub to tell a sha256 of ${path}, got none`,
      {
        hint: 'Only files that the hub keeps by digest (LFS) can be pinned beforehand. Fetch the files by hand, and add the folder that holds them.',
      },
    );
  const hash = createHash('sha256');
  await pipeline(await place.open(path), hash);
  return { bytes: file.bytes, sha256: hash.digest('hex') };
}

function entryOf(place: ModelPlace, entry: object): ManifestEntry {
  return parseManifest({ models: [entry] }, place.label)[0]!;
}

/** As names in a manifest are: "SmolLM2-135M-Instruct.Q4_1.gguf" is smollm2-135m-instruct.q4_1. */
export function nameFrom(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/\.(gguf|onnx|safetensors)$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[-._]+$/g, '')
    .slice(0, 100);
  return plain === '' ? 'model' : plain;
}
