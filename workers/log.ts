// The log: JSON lines by pino, one closed list of events. Lines hold ids, counts and times, never a prompt or a result.

import { type DestinationStream, pino } from 'pino';
import type { LOG_LEVELS } from './config.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The message of a line; the closed list follows from what the parts say. */
export type LogEvent = string;

type Write = (fields: Readonly<Record<string, unknown>>, event: LogEvent) => void;

/** The part of pino that is used: fields first, then the event. */
export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
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
      redact: { paths, censor: '[left out]' },
    },
    destination,
  );
}
