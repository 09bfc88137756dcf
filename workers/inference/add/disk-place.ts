// A model on this machine: a folder, or one file and what lies beside it.

import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { SteadyTextError } from '../../errors.ts';
import { diskReason } from '../store/disk-errors.ts';
import { licenceOfCard } from './licence.ts';
import { type ModelPlace, type PlaceFile, sourceOf } from './place.ts';

/** A model's folder, its own folders (onnx, 1_Pooling) and no further: somebody may name "/". */
const DEPTH = 2;
const MOST_FILES = 2_000;

export async function diskPlace(path: string): Promise<ModelPlace> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw missing(path, diskReason(error));
  });
  if (!found.isFile() && !found.isDirectory()) throw missing(path, 'it is neither');
  const whole = resolve(path);
  const top = found.isFile() ? await modelFolderOf(whole) : whole;
  const root = top ?? dirname(whole);
  const asked = found.isFile() ? relative(root, whole).split(sep).join('/') : undefined;
  // Beside a file without a config.json there may lie anything.
  const files = top === undefined ? [{ path: asked!, bytes: found.size }] : await listFiles(root);
  const open = async (name: string) => createReadStream(join(root, name));
  const card = await readFile(join(root, 'README.md'), 'utf8').catch(() => '');
  return {
    label: whole,
    name: basename(asked?.endsWith('.gguf') || top === undefined ? whole : root),
    licence: licenceOfCard(card),
    origin: undefined,
    files,
    asked,
    sources: {},
    source: sourceOf(root, open),
    at: (name) => join(root, name),
    open,
  };
}

/** The folder of a model that a file is of: its own, or the one above it (model/onnx/model.onnx). */
async function modelFolderOf(file: string): Promise<string | undefined> {
  for (const folder of [dirname(file), dirname(dirname(file))]) if (await hasConfig(folder)) return folder;
  return undefined;
}

function hasConfig(folder: string): Promise<boolean> {
  return stat(join(folder, 'config.json')).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function listFiles(root: string): Promise<PlaceFile[]> {
  const files: PlaceFile[] = [];
  const look = async (folder: string, depth: number): Promise<void> => {
    const names = await readdir(join(root, folder)).catch((error: NodeJS.ErrnoException) => {
      if (depth > 1) return [];
      throw missing(join(root, folder), diskReason(error));
    });
    for (const name of names.sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const found = await stat(join(root, path)).catch(() => undefined);
      if (found?.isFile()) files.push({ path, bytes: found.size });
      if (files.length > MOST_FILES) throw missing(root, `it holds more than ${MOST_FILES} files`);
      if (found?.isDirectory() && depth < DEPTH && !name.startsWith('.')) await look(path, depth + 1);
    }
  };
  await look('', 1);
  return files;
}

function missing(path: string, what: string): SteadyTextError {
  return new SteadyTextError('ModelUnavailable', `expected a model's file or folder at ${path}, but ${what}`, {
    hint: 'Name a GGUF file, or a folder with config.json, tokenizer.json and the weights as safetensors or ONNX.',
  });
}
