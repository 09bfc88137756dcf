// What a user is told of an error: never a stack for a mistake of theirs.

import { expect, test } from 'vitest';
import { describeError, pointAt } from '../../workers/commands/describe-error.ts';
import { SteadyTextError } from '../../workers/errors.ts';

function databaseError(fields: Record<string, string>): Error {
  return Object.assign(new Error(fields.message), { severity: 'ERROR', ...fields });
}

test('an error of ours has code, name, message and hint, and status 1', () => {
  const error = new SteadyTextError('PortInUse', 'Expected port 5432 to be free.', { hint: 'Give another.' });
  expect(describeError(error)).toEqual({
    status: 1,
    text: 'ST066 PortInUse: Expected port 5432 to be free.\nhint: Give another.',
  });
});

test('bad configuration has status 2', () => {
  expect(describeError(new SteadyTextError('InvalidConfiguration', 'X: expected 1, got 2')).status).toBe(2);
});

test('an error of the database has SQLSTATE, detail, hint and the place in the statement', () => {
  const error = databaseError({
    code: '42703',
    message: 'column "b" does not exist',
    detail: 'why',
    hint: 'fix',
    position: '8',
  });
  expect(describeError(error, false, 'select b').text.split('\n')).toEqual([
    'ERROR 42703: column "b" does not exist',
    'LINE 1: select b',
    '               ^',
    'detail: why',
    'hint: fix',
  ]);
});

test('a missing right without a hint of its own gets one', () => {
  expect(describeError(databaseError({ code: '42501', message: 'permission denied' })).text).toMatch(
    /hint: .*steadytext_writer/,
  );
});

test('a function of ours that is not there: what PostgreSQL says of any function, and what ours want', () => {
  const hint = 'You might need to add explicit type casts.';
  const told = (name: string) =>
    describeError(databaseError({ code: '42883', message: `function ${name}(unknown) does not exist`, hint })).text;
  for (const name of ['steadytext_embed_async', 'steadytext.steadytext_embed_async'])
    expect(told(name).split('\n').slice(1)).toEqual([
      `hint: ${hint}`,
      expect.stringMatching(/^hint: .*`steadytext migrate` .*search_path/),
    ]);
  expect(told('my_function').split('\n').slice(1)).toEqual([`hint: ${hint}`]);
});

test('the place is right in a statement of several lines with characters outside ASCII', () => {
  const statement = "select 'ä𝒳',\n  missing";
  expect(pointAt(statement, 16)).toBe(`LINE 2:   missing\n${' '.repeat(10)}^`);
});

test('a refused connection says where to look, also when two addresses refused', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED', syscall: 'connect' });
  const both = Object.assign(new AggregateError([refused, refused]), { code: 'ECONNREFUSED' });
  for (const error of [refused, both]) {
    expect(describeError(error)).toMatchObject({
      status: 1,
      text: expect.stringMatching(/^ST051 .*\nhint: .*DATABASE_URL/),
    });
  }
});

test('a missing file is not taken for a missing server', () => {
  const error = Object.assign(new Error("ENOENT: no such file or directory, open 'x'"), {
    code: 'ENOENT',
    syscall: 'open',
  });
  expect(describeError(error).text).toMatch(/^ENOENT: no such file/);
});

test('a fault of our own keeps its stack and asks for a report', () => {
  const described = describeError(new TypeError('x is not a function'));
  expect(described.status).toBe(70);
  expect(described.text).toMatch(/please report[\s\S]*describe-error\.test/);
});
