// Requests through the handlers that the fleet runs, in engine processes: each alone, or many at once.

import type { Ending, Handler, ModelHost } from '../../workers/handlers/handler.ts';
import { HANDLERS } from '../../workers/handlers/index.ts';
import { originOf } from '../../workers/handlers/receipt.ts';
import type { EngineOptions } from '../../workers/inference/local-engine.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { type EngineProcess, startEngineProcess } from '../../workers/inference/process/engine-process.ts';
import type { Job, Seat } from './company.ts';
import type { StressRequest } from './round.ts';

export interface Answer {
  readonly ending: Ending;
  /** Whose settings the engine had. */
  readonly options: EngineOptions;
}

/** By the ids of requests. */
export type Answers = ReadonlyMap<string, Answer>;

/** Guesses nothing, keeps nothing, and runs texts one by one. */
const ALONE: EngineOptions = Object.freeze({ slots: 1, guesses: 0, groupTokens: 1, prefixBytes: 0 });

interface RunningEngine {
  readonly options: EngineOptions;
  readonly engine: EngineProcess;
  hostFor(type: StressRequest['type']): ModelHost;
}

/** New engines, each with one request at a time. */
export async function answersAlone(
  models: readonly ModelFolder[],
  requests: readonly StressRequest[],
  engines: number,
): Promise<Answers> {
  const answers = new Map<string, Answer>();
  let next = 0;
  await withEngines(models, Array(engines).fill(ALONE), (running) =>
    Promise.all(
      running.map(async (one) => {
        while (next < requests.length) {
          const request = requests[next++]!;
          await runJob(one, { requests: [request], cancelled: new Set() }, answers);
        }
      }),
    ),
  );
  return answers;
}

/** All seats at once, each with as many jobs open as it has lanes. */
export async function answersInCompany(models: readonly ModelFolder[], seats: readonly Seat[]): Promise<Answers> {
  const answers = new Map<string, Answer>();
  await withEngines(
    models,
    seats.map(({ options }) => options),
    (running) => Promise.all(running.map((one, i) => runSeat(one, seats[i]!, answers))),
  );
  return answers;
}

async function runSeat(running: RunningEngine, { jobs, lanes }: Seat, answers: Map<string, Answer>): Promise<void> {
  const { engine } = running;
  /** What has begun and is to be cancelled when the next job has ended; what ends before that has its answer. */
  let condemned: string[] = [];
  let next = 0;
  const lane = async () => {
    while (next < jobs.length) {
      const job = jobs[next++]!;
      condemned.push(...job.requests.map(({ id }) => id).filter((id) => job.cancelled.has(id)));
      await runJob(running, job, answers);
      for (const id of condemned) engine.cancel(id);
      condemned = [];
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function runJob({ options, hostFor }: RunningEngine, { requests }: Job, answers: Map<string, Answer>) {
  const { type } = requests[0]!;
  const attempts = requests.map(({ id, input }) => ({ id, input }));
  const settle = ({ id }: { readonly id: string }, ending: Ending) => answers.set(id, { ending, options });
  await handlerOf(type).run(attempts, hostFor(type), settle, () => {});
}

function handlerOf(type: StressRequest['type']): Handler {
  return HANDLERS.find(({ requestType }) => requestType === type)!;
}

async function withEngines(
  models: readonly ModelFolder[],
  settings: readonly EngineOptions[],
  run: (engines: readonly RunningEngine[]) => Promise<unknown>,
): Promise<void> {
  const engines = settings.map((options) => startEngineProcess(options));
  try {
    await run(await Promise.all(engines.map((engine, i) => loaded(engine, settings[i]!, models))));
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}

/** The first model of a kind that the request's handler takes runs it. */
async function loaded(engine: EngineProcess, options: EngineOptions, models: readonly ModelFolder[]) {
  const all = await Promise.all(models.map((folder) => engine.load(folder)));
  const description = await engine.describe();
  const hosts = all.map((model) => ({ engine, model, origin: originOf(description, model) }));
  const hostFor = (type: StressRequest['type']) => {
    const { kinds } = handlerOf(type);
    return hosts.find(({ model }) => kinds.includes(model.kind))!;
  };
  return { engine, options, hostFor };
}
