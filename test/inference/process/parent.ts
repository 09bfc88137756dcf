// A parent to be killed in engine-process.test.ts: starts an engine, has it generate, and tells its pid.

import { openModelFolder } from '../../../workers/inference/convert/folder/open-model-folder.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';

const engine = startEngineProcess();
const folder = await openModelFolder(process.argv[2]!);
await engine.load(folder);
const input = {
  model: folder.description.name,
  prompt: 'the ring',
  maxTokens: 4096,
  stop: [],
  temperature: 1.5,
  seed: 1,
};
const again = async (round: number): Promise<void> => {
  await engine.generate({ ...input, id: `p${round}` });
  return again(round + 1);
};
void again(0);
process.send!(engine.pid);
