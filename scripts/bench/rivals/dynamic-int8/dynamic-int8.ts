// Makes the usual dynamic int8 file of our fp32 graph, once, into the cache of the benches: nobody ships one in a package registry.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment, loadConfig } from '../../../../workers/config.ts';
import type { ModelFolder } from '../../../../workers/inference/model-folder.ts';

const PACKAGES = ['onnx==1.23.2', 'onnxruntime==1.32.0'];

/** Undefined where it cannot be made here; why was printed. */
export async function dynamicInt8File(fp32: ModelFolder): Promise<string | undefined> {
  const folder = join(loadConfig(environment()).cacheDir, 'bench', 'dynamic-int8');
  const { name, digest, converterVersion } = fp32.description;
  const file = join(folder, `${name}-${digest.slice(0, 16)}-v${converterVersion}.onnx`);
  if (existsSync(file)) return file;
  const run = promisify(execFile);
  const packages = join(folder, 'packages');
  await mkdir(folder, { recursive: true });
  try {
    console.log(
      `Making a dynamic int8 file with ${PACKAGES.join(' and ')} of PyPI, in ${folder} (once; some 200 MB) …`,
    );
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', packages, ...PACKAGES], {
      timeout: 600_000,
    });
    const made = `${file}.${process.pid}`;
    const script = join(import.meta.dirname, 'quantize.py');
    const env = { ...environment(), PYTHONPATH: packages };
    await run('python3', [script, join(fp32.path, 'graph.onnx'), made], { timeout: 600_000, env });
    await rename(made, file);
    await rm(packages, { recursive: true });
    return file;
  } catch (error) {
    const lines = (error as Error).message.trim().split('\n');
    console.log(`WITHOUT dynamic int8: expected python3 with pip to make the file: ${lines[0]} … ${lines.at(-1)}\n`);
    return undefined;
  }
}
