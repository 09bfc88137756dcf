// A real implementation of the engine contract with a trivial model: answers are made from the input's own letters. For
// tests of what stands round an engine; those of inference run the real ones.

import { setTimeout as sleep } from 'node:timers/promises';
import { SteadyTextError } from '../../../workers/errors.ts';
import type { MortalEngine } from '../../../workers/fleet/mortal-engine.ts';
import type { EngineBounds, GenerateInput, GenerateOutput, LoadedModel } from '../../../workers/inference/engine.ts';
import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import type { EngineExit } from '../../../workers/inference/process/engine-process.ts';
import { tokenBytes } from '../../../workers/inference/token-bytes.ts';

export interface EchoEngine extends MortalEngine {
  /** Names of generations that run. */
  readonly generating: ReadonlySet<string>;
  /** Sizes of the embed calls, in order. */
  readonly embedCalls: number[];
  /** As it was told last. */
  readonly bounds: EngineBounds | undefined;
  /** Ends it as a crash would. */
  crash(how: Partial<EngineExit>): void;
}

export interface EchoOptions {
  /** Called for every text before it is worked on; what it returns is waited for, what it throws is the engine's error. */
  readonly onText?: (text: string, engine: EchoEngine) => Promise<void> | void;
  /** Every cancel comes too late. */
  readonly deaf?: boolean;
  /** Turns of 20 ms that a prompt takes before its first letter. */
  readonly promptTurns?: number;
  /** Generations that run at once; the others wait for the end of one before they are begun. Default: any number. */
  readonly atOnce?: number;
  /**
   * Letters that all generations together have room for, prompts and answers: where they need more, the newest gives way and
   * begins anew when one has ended. Default: any number.
   */
  readonly memory?: number;
  /** Letters that it has room for: a prompt must have less. Default: what the model takes. */
  readonly room?: number;
}

let pids = 1_000_000;

const KINDS = {
  llama: 'text',
  qwen2: 'text',
  qwen3: 'text',
  bert: 'embedding',
  'bert-cross-encoder': 'reranking',
  'onnx-encoder': 'embedding',
  'onnx-cross-encoder': 'reranking',
  hub: 'text',
} as const;

export function echoEngine(options: EchoOptions = {}): EchoEngine {
  const {
    onText,
    deaf = false,
    promptTurns = 0,
    room = Number.POSITIVE_INFINITY,
    atOnce = Number.POSITIVE_INFINITY,
    memory = Number.POSITIVE_INFINITY,
  } = options;
  const models = new Map<string, LoadedModel>();
  const shut = new Set<string>();
  let bounds: EngineBounds | undefined;
  const generating = new Set<string>();
  const cancelled = new Set<string>();
  /** Generations in the order in which they came, and what wakes those that gave way: with the end of one, in that order. */
  const came = new Set<string>();
  const wake = new Map<string, () => void>();
  const embedCalls: number[] = [];
  const exit = Promise.withResolvers<EngineExit>();
  let dead = false;
  const pid = pids++;
  const alive = () => {
    if (dead) throw new SteadyTextError('EngineDied', 'the engine has ended');
  };
  /** Never answers once the engine is dead, as a process would not. */
  const answer = async <T>(make: () => Promise<T>): Promise<T> => {
    alive();
    const made = await make();
    return dead ? new Promise<T>(() => undefined) : made;
  };
  const die = (how: Partial<EngineExit>) => {
    dead = true;
    exit.resolve({ code: null, signal: null, ...how });
  };
  const isCancelled = (id: string | undefined) => id !== undefined && cancelled.has(id);
  let turnsTaken = 0;
  /** Of the generations that run, prompt and answer; the newest last. */
  const letters = new Map<string, number>();
  const mustGiveWay = (id: string) => {
    const all = [...letters.values()].reduce((sum, count) => sum + count, 0);
    return all > memory && letters.size > 1 && [...letters.keys()].at(-1) === id;
  };
  /** A text is a turn of its own here, and so is a letter of an answer. */
  const runText = async (text: string, id: string | undefined) => {
    if (isCancelled(id)) return;
    await onText?.(text, engine);
    turnsTaken++;
  };
  const engine: EchoEngine = {
    pid,
    exited: exit.promise,
    generating,
    embedCalls,
    get bounds() {
      return bounds;
    },
    crash: die,
    kill: () => die({ signal: 'SIGKILL' }),
    close: async () => die({ code: 0 }),
    load: async ({ description }: ModelFolder) => {
      alive();
      const { name, digest, format, converterVersion, shape } = description;
      const takesInstruction = 'reranks' in shape;
      const kind = takesInstruction ? 'reranking' : KINDS[shape.architecture];
      const dimension = shape.architecture === 'bert' ? shape.dimension : null;
      const maxTokens = Math.min(shape.maxTokens, room);
      const model: LoadedModel = {
        ...{ name, kind, digest, format, converterVersion, maxTokens, dimension },
        tokenBytes: 'kvHeads' in shape ? tokenBytes(shape) : null,
        takesInstruction,
        threads: 1,
      };
      models.set(name, model);
      return model;
    },
    embed: ({ texts, ids = [], longTexts = 'truncate', dimension = 4 }) =>
      answer(async () => {
        embedCalls.push(texts.length);
        for (const [i, text] of texts.entries()) await runText(text, ids[i]);
        const isLong = texts.map((text) => text.length > 100);
        const refused = isLong.map((long) => long && longTexts === 'refuse');
        return {
          vectors: texts.map((text, i) =>
            Float32Array.from({ length: refused[i] ? 0 : dimension }, (_, k) => text.length / (k + 1)),
          ),
          tokens: texts.map((text) => text.length),
          truncated: isLong.map((long) => long && longTexts === 'truncate'),
          refused,
          chunks: texts.map((text) => (longTexts === 'average' ? Math.ceil(text.length / 100) : 1)),
          cancelled: texts.map((_, i) => isCancelled(ids[i])),
        };
      }),
    rerank: ({ query, documents, id }) =>
      answer(async () => {
        for (const text of [query, ...documents]) await runText(text, id);
        return {
          scores: documents.map((document) => (document.includes(query) ? 1 : 0.5)),
          tokens: documents.length,
          truncated: query.length > 100,
          chunks: documents.reduce((sum, document) => sum + Math.ceil(document.length / 100), 0),
          cancelled: isCancelled(id),
        };
      }),
    generate: (input, onPiece, onBegin) =>
      answer(async () => {
        const { length } = input.prompt;
        if (length >= room)
          throw new SteadyTextError('EngineTooSmall', `expected less than ${room} letters, ${length} came`);
        const stopped = () => cancelled.has(input.id) || dead;
        came.add(input.id);
        for (;;) {
          while (generating.size >= atOnce && !stopped()) await sleep(1);
          generating.add(input.id);
          letters.set(input.id, length);
          onBegin?.(true);
          await onText?.(input.prompt, engine);
          for (const end = turnsTaken + promptTurns; turnsTaken < end; turnsTaken++) await sleep(20);
          let givesWay = false;
          const output = await speak(
            input,
            () => {
              givesWay = mustGiveWay(input.id);
              return givesWay || stopped();
            },
            (piece) => {
              turnsTaken++;
              letters.set(input.id, letters.get(input.id)! + 1);
              onPiece?.(piece);
            },
          );
          generating.delete(input.id);
          letters.delete(input.id);
          if (!givesWay) {
            came.delete(input.id);
            for (const id of came) wake.get(id)?.();
            return output;
          }
          onBegin?.(false);
          if (!stopped()) await new Promise<void>((resolve) => wake.set(input.id, resolve));
          wake.delete(input.id);
          if (stopped()) return { ...output, finish: 'cancelled' };
        }
      }),
    divide: ({ text, most }) => answer(async () => ({ parts: text.match(new RegExp(`[^]{1,${most}}`, 'g')) ?? [] })),
    cancel: (id) => {
      if (deaf) return;
      cancelled.add(id);
      wake.get(id)?.();
    },
    know: async ({ described }) => {
      alive();
      models.set(described.name, described);
      shut.add(described.name);
    },
    unload: async (name) => void models.delete(name),
    open: (name) =>
      answer(async () => {
        // Each takes a megabyte.
        const room = (bounds?.modelBytes ?? Number.POSITIVE_INFINITY) / 2 ** 20;
        for (const other of models.keys()) if (models.size - shut.size >= room && other !== name) shut.add(other);
        shut.delete(name);
      }),
    shut: (name) =>
      answer(async () => {
        const isFree = generating.size === 0;
        if (isFree) shut.add(name);
        return isFree;
      }),
    bound: async (now) => {
      bounds = now;
    },
    describe: async () => {
      alive();
      return {
        pid,
        engineVersion: 'echo-1',
        onnxruntimeVersion: 'none',
        cpuClass: 'any',
        residentBytes: 1,
        models: [...models.values()].map((model) => {
          return { ...model, resident: !shut.has(model.name), loadMs: 0, bytes: 2 ** 20, idleMs: null };
        }),
        runningGenerations: generating.size,
        promptTokensRead: 0,
        promptTokensReused: 0,
        turnsTaken,
      };
    },
  };
  return engine;
}

/** One letter of the prompt a token, a timer's turn each; "forever" goes on until it is cancelled, "nul" answers NUL. */
async function speak(
  { prompt, maxTokens }: GenerateInput,
  cancelled: () => boolean,
  onPiece?: (piece: string) => void,
): Promise<GenerateOutput> {
  if (prompt.startsWith('nul')) return { text: 'a\0b', tokensIn: 3, tokensOut: 3, finish: 'end' };
  let text = '';
  const length = prompt.startsWith('forever') ? Number.POSITIVE_INFINITY : Math.min(maxTokens, prompt.length);
  while (text.length < length) {
    await sleep(1);
    if (cancelled()) return { text, tokensIn: prompt.length, tokensOut: text.length, finish: 'cancelled' };
    const piece = prompt[text.length % prompt.length]!;
    text += piece;
    onPiece?.(piece);
  }
  return {
    text,
    tokensIn: prompt.length,
    tokensOut: text.length,
    finish: prompt.length > maxTokens ? 'length' : 'end',
  };
}
