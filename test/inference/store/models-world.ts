// A world for `steadytext models`: two small models to be had, and streams that remember what was written.

import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import type { CommandContext, StopSignal } from '../../../workers/commands/context.ts';
import type { Measuring } from '../../../workers/commands/measured.ts';
import { registerModels } from '../../../workers/commands/models.ts';
import type { Convert } from '../../../workers/inference/convert/ensure-converted.ts';
import { modelDirFor, putByHand, tempFolder, tinyModel } from './support.ts';

class Screen extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.text += chunk;
    done();
  }
}

/** Runs one command line; `stop` gives a signal to whoever listens. */
export function world(env: Record<string, string | undefined>, converting?: Convert, measuring?: Measuring) {
  const converted: string[] = [];
  const stdout = new Screen();
  const stderr = new Screen();
  const listeners = new Set<(signal: StopSignal) => void>();
  let status = 0;
  const context: CommandContext = {
    env: {
      PATH: process.env.PATH,
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: '/nonexistent',
      HF_ENDPOINT: 'http://127.0.0.1:9',
      ...env,
    },
    version: '0',
    stdin: process.stdin,
    stdout,
    stderr,
    onStop(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setExitStatus: (value) => {
      status = value;
    },
    goOnUnread: () => {},
  };
  // Conversion is another part's business: here it only has to be asked for, after the files are there.
  const pretended: Convert = async (store, name, format) => {
    converted.push(`${name} ${format} ${(await store.list()).find((model) => model.name === name)?.files}`);
    return { path: join(store.convertedRoot(name), format), description: { format } } as Awaited<ReturnType<Convert>>;
  };
  const program = new Command('steadytext')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) });
  registerModels(program, context, converting ?? pretended, measuring);
  for (const command of program.commands)
    for (const child of [command, ...command.commands]) child.copyInheritedSettings(program);
  return {
    run: (...args: string[]) => program.parseAsync(['models', ...args], { from: 'user' }),
    stop: (signal: StopSignal) => {
      for (const listener of listeners) listener(signal);
    },
    stdout,
    stderr,
    converted,
    status: () => status,
  };
}

/** Its models are those of the configuration, if they are asked for. */
export async function tinyWorld(env: Record<string, string> = {}) {
  const model = tinyModel();
  const textModel = tinyModel('tiny-text', 1000, 'text');
  const modelDir = await modelDirFor(model, textModel);
  for (const one of [model, textModel]) await putByHand(modelDir, one);
  const cacheDir = await tempFolder();
  const variables = { STEADYTEXT_MODEL_DIR: modelDir, STEADYTEXT_CACHE_DIR: cacheDir, ...env };
  return { model, textModel, modelDir, cacheDir, open: () => world(variables) };
}

export const CONFIGURED = { STEADYTEXT_TEXT_MODEL: 'tiny-text', STEADYTEXT_EMBEDDING_MODEL: 'tiny' };
