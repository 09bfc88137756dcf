// PostgreSQL's and the socket's errors in our closed table: what the worker may retry, and what a user must mend.

import { ERROR_CODES, type ErrorCode, SteadyTextError } from '../errors.ts';
import { tlsHint } from './tls-errors.ts';

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECTION_LOST',
]);

/** Server states in which nothing can be asked just now: shutdown, starting up, no free connection, no such database. */
const UNREACHABLE_STATES = new Set(['57P01', '57P02', '57P03', '53300', '3D000']);

interface DatabaseErrorShape {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly hint?: unknown;
}

function shape(error: unknown): { code: string; message: string; hint: string | undefined } {
  const { code, message, hint } = (error ?? {}) as DatabaseErrorShape;
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : String(error),
    hint: typeof hint === 'string' ? hint : undefined,
  };
}

/** The connection is gone or never came to be: what was sent may or may not have happened. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof SteadyTextError) return error.name === 'DatabaseUnreachable';
  const { code, message } = shape(error);
  return (
    SOCKET_CODES.has(code) ||
    UNREACHABLE_STATES.has(code) ||
    code.startsWith('08') ||
    tlsHint(error) !== undefined ||
    /^Connection terminated|^Client has encountered a connection error|not queryable$|^timeout expired/.test(message)
  );
}

/** SQLSTATE of the error, or of what caused it. */
export function sqlStateOf(error: unknown): string {
  const own = shape(error).code;
  if (/^[0-9A-Z]{5}$/.test(own) && !(error instanceof SteadyTextError)) return own;
  return error instanceof Error && error.cause !== undefined ? sqlStateOf(error.cause) : '';
}

/** The values sent can never be stored (NUL in a text, a number out of range, too long): sending again cannot help. */
export function isValueRefused(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlStateOf(error));
}

function unreachableHint(code: string): string {
  return code === '3D000'
    ? 'check the database name at the end of the address (DATABASE_URL or --url), or create the database'
    : 'check the address (DATABASE_URL or --url), that the server runs, and that it has a free connection';
}

export function toSteadyTextError(error: unknown): SteadyTextError {
  if (error instanceof SteadyTextError) return error;
  const { code, message, hint } = shape(error);
  if (isConnectionLost(error)) {
    return new SteadyTextError(
      'DatabaseUnreachable',
      `expected a PostgreSQL server to answer, got: ${message || code}`,
      {
        hint: tlsHint(error) ?? unreachableHint(code),
        cause: error,
      },
    );
  }
  if (code === '28P01' || code === '28000') {
    return new SteadyTextError('UnknownLogin', `expected a login that PostgreSQL accepts, got: ${message}`, {
      hint: 'check the user name and the password in the address (DATABASE_URL or --url)',
      cause: error,
    });
  }
  if (code === '42501') {
    return new SteadyTextError('MissingRights', `expected the rights of a worker, got: ${message}`, {
      hint: 'run as an administrator: grant steadytext_worker to <this login>',
      cause: error,
    });
  }
  if (code === '25006') {
    return new SteadyTextError('DatabaseReadOnly', `expected a database that takes writes, got: ${message}`, {
      hint: 'check that the address (DATABASE_URL or --url) leads to the primary, and default_transaction_read_only of the login and the database',
      cause: error,
    });
  }
  if (code === '42883' || code === '3F000' || code === '42P01') {
    return new SteadyTextError('DatabaseNotMigrated', `expected a migrated database, got: ${message}`, {
      hint: 'run `steadytext migrate` against this database first, and check STEADYTEXT_SCHEMA',
      cause: error,
    });
  }
  const own = ERROR_CODES[code as ErrorCode];
  return new SteadyTextError(own ?? 'StatementFailed', message, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
