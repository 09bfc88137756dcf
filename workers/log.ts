// The log: JSON lines by pino, one closed list of events. Lines hold ids, counts and times, never a prompt or a result.

import { type DestinationStream, pino } from 'pino';
import type { LOG_LEVELS } from './config.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every message a line can have. Closed set, with a row each in docs/log-events.md, so that alerts can rely on them. */
export const LOG_EVENTS = [
  'apply failed',
  'audit seal signed',
  'audit seals not signed',
  'batch failed, running singly',
  'claim failed',
  'default model not served',
  'draining',
  'embedded server started',
  'engine did not start',
  'engine died',
  'engine killed',
  'engine ready',
  'engine renewed',
  'fallback in place of a model',
  'hand back failed, attempts are counted',
  'hand back failed, it waits here',
  'hand back failed, leases will be rescued',
  'hand back not taken, leases will be rescued',
  'lease lost',
  'left at once',
  'listener',
  'log settings changed',
  'maintenance did not start',
  'maintenance done',
  'maintenance failed',
  'migrate waits for another migrate',
  'migrate waits for locks',
  'model loaded',
  'model unloaded',
  'model.choice_ignored',
  'model.converted',
  'model.converted_damaged',
  'model.file_damaged',
  'model.file_fetched',
  'model.folder_missing',
  'model.format_chosen',
  'model.leftovers_swept',
  'model.source_failed',
  'no engine',
  'not retired',
  'order answered',
  'order not answered',
  'orders not read',
  'outcome not taken',
  'outcome refused',
  'outcomes not written, leases will be rescued',
  'pg-boss',
  'pg-boss stop',
  'pieces not written',
  'provider asked again',
  'provider left alone',
  'queue called',
  'renew after cancel failed',
  'request ended',
  'request handed over',
  'requests handed back',
  'requests rescued',
  'results written',
  'setting not taken over',
  'settle failed',
  'settling paused',
  'task failed',
  'task works again',
  'worker drained',
  'worker ready',
] as const;
export type LogEvent = (typeof LOG_EVENTS)[number];

type Write = (fields: Readonly<Record<string, unknown>>, event: LogEvent) => void;

/** The part of pino that is used: fields first, then the event. */
export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** What is written of what is told; may be changed at any time. Loggers made of this one before keep theirs. */
  level: string;
  /** A logger whose lines carry these fields too. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

// A second line of defence: the code never logs these, and if a line holds one by mistake its value is left out.
const SECRETS = ['prompt', 'result', 'document', 'documents', 'texts', 'text', 'password', 'connectionString', 'url'];

/** Writes to standard error unless a destination is given: standard output belongs to a command's own answer. */
export function createLogger(level: LogLevel, destination: DestinationStream = pino.destination(2)): Logger {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`]);
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeFault },
      redact: { paths, censor: '[left out]' },
    },
    destination,
  );
}

/** Of an error its kind, words and place. PostgreSQL's detail and context may quote rows, and rows hold prompts. */
function describeFault(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error ? error.code : undefined;
  return { name, code, message, stack };
}
