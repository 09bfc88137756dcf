// Both implementations of the engine contract, with tiny models in each number format.

import { afterAll } from 'vitest';
import type { NumberFormat } from '../../../workers/inference/choose-format.ts';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { ROWS } from '../formats.ts';
import { engineConformance } from './conformance.ts';
import { makeTinyModels } from './tiny-models.ts';

const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const open = (format: NumberFormat) => async () => ({
  text: await tiny.text(format),
  embedding: await tiny.embedding(format),
  reranking: await tiny.reranking(format),
  ranking: await tiny.ranking(format),
  prompt: 'the inn and the ring',
  longText: 'far '.repeat(50),
});

engineConformance(`an engine in this process, ${ROWS}`, createLocalEngine, open(ROWS));
engineConformance('an engine in this process, nb8', createLocalEngine, open('nb8'));
engineConformance('an engine in this process, fp32', createLocalEngine, open('fp32'));
engineConformance('an engine process', startEngineProcess, open('nb8'));
