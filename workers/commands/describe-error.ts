// Turns whatever a command threw into the text and exit status its user gets: what was expected, what came, what to do.
// A stack is shown only for a fault of our own.

import { type ErrorName, isSteadyTextError } from '../errors.ts';
import { isConnectionLost, toSteadyTextError } from '../queue/error-map.ts';
import { visibleText } from './visible-text.ts';

export interface DescribedError {
  readonly text: string;
  readonly status: 1 | 2 | 70 | 75;
}

/** What PostgreSQL says of a failed statement, as the `pg` package hands it over. */
interface DatabaseError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
  readonly where?: string;
}

type Notice = { readonly [K in 'severity' | 'message' | 'detail' | 'hint']?: string | undefined };

/** SQLSTATEs whose own text does not say what to do. */
const STATE_HINTS: Readonly<Record<string, string>> = {
  '28P01': 'Check user and password in the connection string.',
  '28000': 'Check the user in the connection string, and that pg_hba.conf lets it in from here.',
  '3D000': 'Check the database name at the end of the connection string, or create the database.',
  '3F000': 'Run `steadytext migrate` on this database first; check STEADYTEXT_SCHEMA.',
  '42501':
    'The login lacks a right. If it is one to our functions: an administrator grants it steadytext_writer (or reader, worker, admin).',
  '42P01': 'If it is one of ours: run `steadytext migrate` on this database, and check STEADYTEXT_SCHEMA.',
  '53300': 'The server has no connection left: raise max_connections or put a pooler in front.',
};

/** Of any function that is not there the server says only to check the types; of ours more often all are missing. */
const OUR_FUNCTION_MISSING =
  'If none of our functions is there: run `steadytext migrate` on this database, or put its schema on the search_path.';

/** Errors of ours that a script tells from the rest: 75 is sysexits' "try later", beside 70 for a fault of our own. */
const OWN_STATUS: Partial<Record<ErrorName, DescribedError['status']>> = {
  InvalidConfiguration: 2,
  InvalidOption: 2,
  WaitTimedOut: 75,
};

const SYSTEM_HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or folder: check the path.',
  EACCES: 'Give this user the right to the file or folder, or name another.',
  EROFS: 'The file system is read-only: name a folder that can be written, e.g. with STEADYTEXT_CACHE_DIR.',
  EBUSY: 'Something is mounted there: unmount it first.',
  ENOSPC: 'The disk is full: make room, then run the command again.',
};

/** `statement` is the SQL text that failed, where the caller has it: the place of the error is then pointed at. */
export function describeError(error: unknown, withStack = false, statement?: string): DescribedError {
  const { status, text } = describe(error, withStack, statement);
  return { status, text: visibleText(text) };
}

function describe(error: unknown, withStack: boolean, statement?: string): DescribedError {
  if (isSteadyTextError(error)) {
    return {
      status: OWN_STATUS[error.name as ErrorName] ?? 1,
      text: lines(`${error.code} ${error.name}: ${error.message}`, hintLine(error.hint), stack(error, withStack)),
    };
  }
  if (isDatabaseError(error)) {
    const text = lines(
      `${error.severity} ${error.code}: ${error.message}`,
      statement && error.position ? pointAt(statement, Number(error.position)) : '',
      error.detail ? `detail: ${error.detail}` : '',
      hintLine(error.hint ?? STATE_HINTS[error.code]),
      // The name stands in a message of any language.
      error.code === '42883' && /\bsteadytext_\w+\(/.test(error.message) ? hintLine(OUR_FUNCTION_MISSING) : '',
      stack(error, withStack),
    );
    return { status: 1, text };
  }
  if (isNetworkError(error)) return describe(toSteadyTextError(error), withStack);
  const systemHint = error instanceof Error && 'code' in error ? SYSTEM_HINTS[String(error.code)] : undefined;
  if (systemHint)
    return { status: 1, text: lines((error as Error).message, hintLine(systemHint), stack(error, withStack)) };
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { status: 70, text: lines('steadytext failed in a way it should not; please report this:', told) };
}

/** What the server says beside the answer. */
export function describeNotice({ severity, message, detail, hint }: Notice): string {
  return lines(`${severity ?? 'NOTICE'}: ${message}`, detail ? `detail: ${detail}` : '', hintLine(hint));
}

/** The line of the statement with a caret below the place, as psql does. Positions count characters from 1. */
export function pointAt(statement: string, position: number): string {
  const before = [...statement].slice(0, position - 1).join('');
  const row = before.split('\n').length;
  const column = [...visibleText(before.slice(before.lastIndexOf('\n') + 1))].length;
  const label = `LINE ${row}: `;
  return `${label}${visibleText(statement.split('\n')[row - 1] ?? '')}\n${' '.repeat(label.length + column)}^`;
}

function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/** ENOENT is a missing socket when connecting, and a missing file everywhere else. */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error) || !isConnectionLost(error)) return false;
  return !('code' in error && error.code === 'ENOENT') || ('syscall' in error && error.syscall === 'connect');
}

function hintLine(hint: string | undefined): string {
  return hint ? `hint: ${hint}` : '';
}

function stack(error: unknown, shown: boolean): string {
  return shown && error instanceof Error ? (error.stack ?? '') : '';
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
