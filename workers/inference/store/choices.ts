// What `models bench` chose for this class of CPU, beside the models: choices/<digest>-<cpu class>.json. It only changes which format
// "auto" is: a record that is damaged, or of other versions, is as good as none.

import { readFileSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../../log.ts';
import { NUMBER_FORMATS, type NumberFormat } from '../choose-format.ts';
import { CONVERTER_VERSION } from '../convert/converter-version.ts';
import { cpuClass } from '../cpu-class.ts';
import { ENGINE_VERSION } from '../engine-version.ts';
import { cacheFolderError, isMissing } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';
import { makeTempFolder } from './temp-folders.ts';

const PREFIX = 16;

const choiceSchema = z.looseObject({
  version: z.literal(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  cpuClass: z.string(),
  converterVersion: z.number(),
  engineVersion: z.string(),
  onnxruntimeVersion: z.string(),
  format: z.enum(NUMBER_FORMATS),
});

/** The fields that are read again; whoever records adds figures and conditions. */
export type Choice = z.output<typeof choiceSchema>;

/** Of a choice that is made here and now. */
export function choiceOf(digest: string, format: NumberFormat, more: Readonly<Record<string, unknown>>): Choice {
  return choiceSchema.parse({ version: 1, digest, format, ...versionsHere(), ...more });
}

export function choicePath(root: string, digest: string, cpu = cpuClass()): string {
  return join(root, 'choices', `${digest.slice(0, PREFIX)}-${cpu}.json`);
}

/** Undefined where none was made for this CPU, model, converter, engine and onnxruntime. */
export function readChoice(root: string, digest: string, log?: Logger): NumberFormat | undefined {
  const path = choicePath(root, digest);
  let choice: Choice;
  try {
    choice = choiceSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (!isMissing(error))
      log?.warn({ file: path, reason: (error as Error).message.split('\n')[0] }, 'model.choice_ignored');
    return undefined;
  }
  const expected: Record<string, unknown> = { digest, ...versionsHere() };
  return Object.entries(expected).every(([field, value]) => choice[field] === value) ? choice.format : undefined;
}

/** Whole or not at all. */
export async function writeChoice(root: string, choice: Choice): Promise<string> {
  const path = choicePath(root, choice.digest);
  const temporary = await makeTempFolder(root);
  try {
    await makeFolder(join(root, 'choices'));
    const file = await open(join(temporary, 'choice.json'), 'wx');
    try {
      await file.writeFile(`${JSON.stringify(choice, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(join(temporary, 'choice.json'), path);
    return path;
  } catch (error) {
    throw cacheFolderError(error, root);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Those of all classes of CPU. */
export async function removeChoices(root: string, digest: string): Promise<void> {
  const names = await readdir(join(root, 'choices')).catch(() => []);
  for (const name of names)
    if (name.startsWith(`${digest.slice(0, PREFIX)}-`)) await rm(join(root, 'choices', name), { force: true });
}

function versionsHere() {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return {
    cpuClass: cpuClass(),
    converterVersion: CONVERTER_VERSION,
    engineVersion: ENGINE_VERSION,
    onnxruntimeVersion: version,
  };
}
