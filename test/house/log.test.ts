// The log: JSON lines, a closed list of events, no text of users.

import { describe, expect, test } from 'vitest';
import { createLogger, LOG_EVENTS } from '../../workers/log.ts';
import { tableRows } from '../docs/markdown.ts';
import { readText, readTree } from './source-tree.ts';

function collect() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('debug', { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

describe('a line', () => {
  test('is JSON with level, time, pid, the fields and the event', () => {
    const { log, lines } = collect();
    log.child({ worker: 'a' }).info({ engines: 2 }, 'worker ready');
    expect(lines).toEqual([
      { level: 'info', time: expect.any(String), pid: process.pid, worker: 'a', engines: 2, msg: 'worker ready' },
    ]);
  });

  test('below the level is not written', () => {
    const lines: string[] = [];
    createLogger('warn', { write: (line) => void lines.push(line) }).info({}, 'worker ready');
    expect(lines).toEqual([]);
  });

  test('holds no prompt, result or password, even when a field of that name is given', () => {
    const { log, lines } = collect();
    log.warn(
      { prompt: 'secret', request: { result: 'secret', documents: ['secret'] }, url: 'postgres://a:secret@b' },
      'claim failed',
    );
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(lines[0]).toMatchObject({ prompt: '[left out]', request: { result: '[left out]' } });
  });

  test('of an error has no row that PostgreSQL quotes', () => {
    const { log, lines } = collect();
    const quoted = {
      code: '23514',
      detail: 'Failing row contains (secret).',
      where: 'secret',
      internalQuery: 'secret',
    };
    log.error({ err: Object.assign(new Error('violates check constraint'), quoted) }, 'settle failed');
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(lines[0]).toMatchObject({ err: { code: '23514', message: 'violates check constraint' } });
  });
});

describe('docs/log-events.md', () => {
  test('has a row for each event, sorted', () => {
    const rows = tableRows(readText('docs/log-events.md'));
    expect(rows.map(([event]) => event)).toEqual(LOG_EVENTS.map((event) => `\`${event}\``));
    expect([...LOG_EVENTS]).toEqual([...LOG_EVENTS].sort());
    for (const [, level, meaning] of rows)
      expect(`${level} ${meaning}`).toMatch(/^(debug|info|warn|error|info, warn) .{10,}/);
  });

  test('every event is logged somewhere', () => {
    const sources = [...readTree('workers')]
      .filter(([path]) => path !== 'workers/log.ts')
      .map(([, text]) => text)
      .join('\n');
    expect(LOG_EVENTS.filter((event) => !sources.includes(`'${event}'`))).toEqual([]);
  });
});
