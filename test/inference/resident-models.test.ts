// Calls of more models than are open together: who is closed for whom, who waits, and that nobody waits for ever.

import { expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import type { LoadedModel, ModelChange } from '../../workers/inference/engine.ts';
import type { ModelFolder } from '../../workers/inference/model-folder.ts';
import { ResidentModels } from '../../workers/inference/resident-models.ts';
import { Turns } from '../../workers/inference/turns.ts';
import { ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { until } from '../fleet/support/parts.ts';

const MIB = 2 ** 20;
const closed = () => new SteadyTextError('EngineDied', 'closed');
const afterEvents = () => new Promise<void>((resolve) => setImmediate(resolve));

function folderOf(name: string): ModelFolder {
  return { path: name, description: { ...ECHO_TEXT_MODEL.description, name, files: {} } };
}

/** Models of 30 MiB each in a limit of so many. Opening takes some ms, as a stay of none would hide what a stay does. */
function engine(fit: number, failing: ReadonlySet<string> = new Set()) {
  const events: string[] = [];
  const cancels: string[] = [];
  const models = new ResidentModels({
    limit: fit * 30 * MIB,
    memory: () => ({ estimate: 30 * MIB, cache: 0 }),
    residentBytes: () => 0,
    turns: new Turns(),
    closed,
    open: async ({ description: { name } }: ModelFolder) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (failing.has(name)) throw new SteadyTextError('ModelCorrupt', name);
      return {
        name,
        size: 0,
        turn: async () => undefined,
        cancel: (id: string) => cancels.push(id),
        close: async () => undefined,
      };
    },
    describe: ({ name }) => ({ name }) as LoadedModel,
    onChange: ({ change, model }: ModelChange) => {
      if (change !== 'opening') events.push(`${change} ${model}`);
    },
  });
  const begun: string[] = [];
  /** A call that runs until it is told to end. */
  const call = (name: string, id = name) => {
    const end = Promise.withResolvers<void>();
    const output = models.call(name, {
      ids: [id],
      run: async () => {
        begun.push(id);
        await end.promise;
        return id;
      },
      cancelled: () => `${id} cancelled`,
    });
    output.catch(() => undefined);
    return { output, end: () => end.resolve() };
  };
  const run = async (name: string) => {
    const one = call(name);
    one.end();
    return await one.output;
  };
  const load = async (...names: string[]) => {
    for (const name of names) await models.load(folderOf(name));
  };
  const open = () => models.describe().flatMap(({ name, resident }) => (resident ? name : []));
  return { models, events, cancels, begun, call, run, load, open };
}

test('as many are open as fit, and the one that was used least recently makes room', async () => {
  const { load, run, open, events, models } = engine(2);
  await load('a', 'b', 'c');
  expect([open(), models.names]).toEqual([
    ['b', 'c'],
    ['a', 'b', 'c'],
  ]);
  await run('b');
  await run('a');
  expect(open()).toEqual(['a', 'b']);
  await run('b');
  await run('c');
  expect(open()).toEqual(['b', 'c']);
  expect(events).toEqual([
    'opened a',
    'opened b',
    'closed a',
    'opened c',
    'closed c',
    'opened a',
    'closed a',
    'opened c',
  ]);
});

test('one with work is not closed: what waits for its room begins when it has ended', async () => {
  const { load, call, open, begun } = engine(1);
  await load('b', 'a');
  const first = call('a', 'first');
  expect(begun).toEqual(['first']);
  const other = call('b', 'other');
  // It stays for four times its opening, 20 ms here, and takes work meanwhile; then none.
  const second = call('a', 'second');
  expect(begun).toEqual(['first', 'second']);
  await new Promise((resolve) => setTimeout(resolve, 60));
  const third = call('a', 'third');
  await afterEvents();
  expect([begun, open()]).toEqual([['first', 'second'], ['a']]);
  first.end();
  await first.output;
  expect(open()).toEqual(['a']);
  second.end();
  other.end();
  expect(await other.output).toBe('other');
  third.end();
  expect(await third.output).toBe('third');
  expect(begun).toEqual(['first', 'second', 'other', 'third']);
});

test('while two that do not fit together always have work, both are served, and neither is closed after a call', async () => {
  const { load, call, events } = engine(1);
  await load('b', 'a');
  const served = { a: 0, b: 0 };
  let over = false;
  const always = async (name: 'a' | 'b') => {
    while (!over) {
      const one = call(name);
      await afterEvents();
      one.end();
      await one.output;
      served[name]++;
    }
  };
  const all = [always('a'), always('b')];
  while (served.a < 400 || served.b < 400) await afterEvents();
  over = true;
  await Promise.all(all);
  const opened = events.filter((event) => event.startsWith('opened')).length - 2;
  expect(opened).toBeGreaterThan(0);
  // In the 20 ms that one stays there are far more.
  expect((served.a + served.b) / opened).toBeGreaterThan(10);
});

test('calls for several closed ones are served in the order in which the first for each came', async () => {
  const { load, call, begun } = engine(1);
  await load('c', 'b', 'a');
  const running = call('a', 'a1');
  const waiting = ['b1 b', 'c1 c', 'b2 b', 'a2 a'].map((one) => {
    const [id, name] = one.split(' ') as [string, string];
    const made = call(name, id);
    made.end();
    return made;
  });
  running.end();
  await Promise.all(waiting.map(({ output }) => output));
  // a2 came while it still took work.
  expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
});

test('one that is cancelled while it waits ends at once, and nothing is closed for it', async () => {
  const { load, call, models, open, cancels, events } = engine(1);
  await load('b', 'a');
  const running = call('a');
  const before = events.length;
  const waiting = call('b', 'waiting');
  models.cancel('waiting');
  expect(await waiting.output).toBe('waiting cancelled');
  // What runs elsewhere is told as ever, and takes work again.
  expect(cancels).toEqual(['waiting']);
  running.end();
  await running.output;
  await afterEvents();
  expect([open(), events.length]).toEqual([['a'], before]);
});

test('of one that is cancelled in part the model hears when it is open', async () => {
  const { load, models, cancels } = engine(1);
  await load('b', 'a');
  const output = models.call('b', { ids: ['x', 'y'], run: async () => 'ran', cancelled: () => 'cancelled' });
  models.cancel('x');
  cancels.length = 0;
  expect(await output).toBe('ran');
  expect(cancels).toEqual(['x']);
});

test('one that cannot be opened again fails its calls, and no others; one that cannot be loaded may be loaded again', async () => {
  const failing = new Set<string>();
  const { load, run, events, models } = engine(1, failing);
  await load('b', 'a');
  failing.add('b').add('c');
  await expect(run('b')).rejects.toMatchObject({ name: 'ModelCorrupt' });
  expect(events.at(-1)).toBe('not opened b');
  expect(await run('a')).toBe('a');
  await expect(models.load(folderOf('c'))).rejects.toMatchObject({ name: 'ModelCorrupt' });
  failing.clear();
  await load('c');
  expect(models.names).toEqual(['b', 'a', 'c']);
});

test('closing the engine and unloading a model reject what waits', async () => {
  const { load, call, models } = engine(1);
  await load('b', 'a');
  const running = call('a');
  const [unloaded, left] = [call('b'), call('b')];
  await models.unload('b');
  await expect(unloaded.output).rejects.toMatchObject({
    name: 'UnknownModel',
    message: expect.stringContaining('(a)'),
  });
  await expect(left.output).rejects.toMatchObject({ name: 'UnknownModel' });
  const loading = models.load(folderOf('d'));
  loading.catch(() => undefined);
  await models.close();
  await expect(loading).rejects.toMatchObject({ name: 'EngineDied' });
  running.end();
});

test('one that is unloaded while it is opened is closed', async () => {
  const { load, call, models, events } = engine(2);
  const loading = load('a');
  await models.unload('a');
  await loading;
  expect(events).toEqual(['opened a', 'closed a']);
  await load('a', 'b', 'c');
  const waiting = call('a');
  await until('a is being opened', () => events.includes('closed b'));
  await models.unload('a');
  await expect(waiting.output).rejects.toMatchObject({ name: 'UnknownModel' });
  expect(events.slice(-3)).toEqual(['closed b', 'opened a', 'closed a']);
  expect(models.names).toEqual(['b', 'c']);
});

test('one that alone takes more than the limit is refused with its estimate', async () => {
  const { models } = engine(0.5);
  await expect(models.load(folderOf('a'))).rejects.toMatchObject({
    name: 'EngineTooSmall',
    message: "expected a model that fits into the 15 MiB of an engine's models, a takes about 30",
    hint: expect.stringContaining('STEADYTEXT_ENGINE_MEMORY_MB'),
  });
  expect(models.names).toEqual([]);
});
