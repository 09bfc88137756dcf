import { describe, expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import { isConnectionLost, isValueRefused, toSteadyTextError } from '../../workers/queue/error-map.ts';

const fromServer = (code: string, message = 'something', hint?: string) =>
  Object.assign(new Error(message), { code, hint });

describe('what a user must mend is told with what to do', () => {
  test.each([
    ['ECONNREFUSED', 'DatabaseUnreachable', 'DATABASE_URL'],
    ['57P03', 'DatabaseUnreachable', 'DATABASE_URL'],
    ['3D000', 'DatabaseUnreachable', 'create the database'],
    ['42883', 'DatabaseNotMigrated', 'steadytext migrate'],
    ['3F000', 'DatabaseNotMigrated', 'steadytext migrate'],
    ['42P01', 'DatabaseNotMigrated', 'steadytext migrate'],
    ['42501', 'MissingRights', 'grant steadytext_worker'],
    ['28P01', 'UnknownLogin', 'password'],
  ])('%s is %s', (code, name, hint) => {
    const error = toSteadyTextError(fromServer(code));
    expect(error.name).toBe(name);
    expect(error.hint).toContain(hint);
  });

  test('an error that SQL raised with one of our codes keeps its name, its text and its hint', () => {
    const error = toSteadyTextError(fromServer('ST003', 'Unknown model: x', 'see steadytext_models'));
    expect([error.name, error.message, error.hint]).toEqual([
      'UnknownModel',
      'Unknown model: x',
      'see steadytext_models',
    ]);
  });

  test('any other is a statement that failed, with the cause at hand', () => {
    const cause = fromServer('40P01', 'deadlock detected');
    expect(toSteadyTextError(cause)).toMatchObject({ name: 'StatementFailed', message: 'deadlock detected', cause });
  });
});

describe('what the worker may do about it', () => {
  test('a lost connection is known by the socket, by the server and by pg', () => {
    for (const error of [
      fromServer('ECONNRESET'),
      fromServer('08006'),
      fromServer('57P01'),
      new Error('Connection terminated unexpectedly'),
      new SteadyTextError('DatabaseUnreachable', 'away'),
    ]) {
      expect(isConnectionLost(error)).toBe(true);
    }
    expect(isConnectionLost(fromServer('22021'))).toBe(false);
  });

  test('a value that can never be stored is told from a server that is not able just now', () => {
    expect(isValueRefused(toSteadyTextError(fromServer('22021')))).toBe(true);
    expect(isValueRefused(toSteadyTextError(fromServer('54000')))).toBe(true);
    expect(isValueRefused(fromServer('53100'))).toBe(false);
    expect(isValueRefused(toSteadyTextError(fromServer('ECONNRESET')))).toBe(false);
  });
});
