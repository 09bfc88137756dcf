// `npm run stress`: the sweep over the default models, which looks for a request whose bytes depend on its company.

import { writeFile } from 'node:fs/promises';
import { startEngineProcess } from '../workers/inference/process/engine-process.ts';
import { conditionsWith, printConditions } from './bench/measure.ts';
import { defaultModels } from './bench/models.ts';
import { DEFAULT_CACHE_BYTES, DEFAULT_COUNTS, DEFAULT_DRAWS, ROUND_OF } from './stress/default-draws.ts';
import { type CommandLine, commandOf, HELP, readCommandLine } from './stress/options.ts';
import { foundLines, roundLine, summary } from './stress/report.ts';
import { type Found, roundsOf, sweep } from './stress/sweep.ts';
import { added, differ, EMPTY } from './stress/tally.ts';

/** Engines that answer one request at a time; as many as there are cores on a small machine. */
const ALONE = 2;

async function stress(command: CommandLine): Promise<void> {
  checkRounds(command);
  const begun = performance.now();
  const models = await defaultModels();
  const conditions = conditionsWith(await conditionsOf(command, models));
  printConditions(conditions);
  let tally = EMPTY;
  let first: Found | undefined;
  const { seed, counts, engines, only } = command;
  const rounds = sweep({
    ...{ seed, counts, engines, only, models, roundOf: ROUND_OF, alone: ALONE },
    ...{ draws: DEFAULT_DRAWS, cacheBytes: DEFAULT_CACHE_BYTES },
  });
  for await (const end of rounds) {
    tally = added(tally, end.tally);
    console.log(roundLine(end));
    if (!end.found) continue;
    if (!first) for (const line of foundLines(end.found, commandOf(command, end.round))) console.log(line);
    first ??= end.found;
  }
  const minutes = (performance.now() - begun) / 60_000;
  console.log(['', ...summary(tally), `seed ${seed}, ${minutes.toFixed(1)} minutes`].join('\n'));
  if (command.json) {
    const found = first && { ...first, again: commandOf(command, first.round) };
    await writeFile(
      command.json,
      `${JSON.stringify({ conditions, seed, counts, only, minutes, tally, found }, vectors, 2)}\n`,
    );
  }
  if (differ(tally) > 0) process.exitCode = 1;
}

/** A sweep that compares nothing would find nothing. */
function checkRounds({ counts, only = 1 }: CommandLine): void {
  const rounds = roundsOf(counts, ROUND_OF).length;
  if (rounds === 0) throw new RangeError('Expected at least one embedding, pair or generation, got none.');
  if (only > rounds) throw new RangeError(`Expected --only to be one of ${rounds} rounds, got ${only}.`);
}

async function conditionsOf({ seed, counts, engines }: CommandLine, models: Awaited<ReturnType<typeof defaultModels>>) {
  const engine = startEngineProcess();
  const { cpuClass, onnxruntimeVersion, engineVersion } = await engine.describe();
  await engine.close();
  return {
    'CPU class': cpuClass,
    engine: `version ${engineVersion}, onnxruntime ${onnxruntimeVersion}`,
    models: models.map(({ description }) => `${description.name} in ${description.format}`).join(', '),
    engines: `${engines} at once with company, ${ALONE} with one request at a time, all new in each round`,
    rounds: roundsOf(counts, ROUND_OF).length,
    seed,
  };
}

/** Vectors as arrays. */
function vectors(_: string, value: unknown): unknown {
  return value instanceof Float32Array ? [...value] : value;
}

try {
  const command = readCommandLine(process.argv.slice(2), DEFAULT_COUNTS);
  if (command) await stress(command);
  else process.stdout.write(HELP);
} catch (error) {
  const usage = error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${usage ? `${(error as Error).message}\n${HELP}` : `${(error as Error).stack}\n`}`);
  process.exitCode = usage ? 2 : 1;
}
