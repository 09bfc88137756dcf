// Generations that an engine has and has not begun, or has put back: few, so that others reach the rest.

import { describe, expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import { dispatching } from './support/dispatching.ts';
import { generation, until } from './support/parts.ts';

/** Prompts that an engine begins and then has stand before their first letter, until the test opens them: a state to look at. */
function doors(...prompts: string[]) {
  const shut = new Map<string, PromiseWithResolvers<void>>();
  const close = (...some: string[]) => {
    for (const prompt of some) shut.set(prompt, Promise.withResolvers());
  };
  const open = (...some: string[]) => {
    for (const prompt of some) shut.get(prompt)!.resolve();
  };
  close(...prompts);
  return { onText: (text: string) => shut.get(text)?.promise, close, open };
}

describe('generations that wait in an engine for the end of others', () => {
  const room = (dispatcher: { demands(): readonly { requestType: string; limit: number }[] }) =>
    dispatcher.demands().find(({ requestType }) => requestType === 'generate')?.limit ?? 0;

  test('are one an engine: the others stay in the queue, for idle engines and in the fair order', async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const { dispatcher, endings, engines } = await dispatching({ engines: 2, atOnce: 1, onText: () => ended });
    expect(room(dispatcher)).toBe(2);
    dispatcher.accept([generation('a'), generation('b')]);
    await until('both have begun, one an engine', () => engines.every(({ generating }) => generating.size === 1));
    await until('one more may come to each', () => room(dispatcher) === 2);
    dispatcher.accept([generation('c'), generation('d')]);
    expect(room(dispatcher)).toBe(0);
    end();
    await until('all have ended', () => endings.size === 4);
    expect(room(dispatcher)).toBe(2);
  });

  test('hold up no others where all are begun at once', async () => {
    const prompts = ['a', 'b', 'c', 'd'];
    const { onText, open } = doors(...prompts);
    const { dispatcher, endings, engines } = await dispatching({ generateSlots: 4, onText });
    dispatcher.accept(prompts.map((prompt) => generation(prompt)));
    await until('all run side by side', () => engines[0]!.generating.size === 4);
    open(...prompts);
    await until('all have ended', () => endings.size === 4);
  });

  test('as those do that had to give way, of which one stays in the engine: others are handed back, and nothing comes until one has ended', async () => {
    const prompts = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'];
    const { onText, open } = doors(...prompts);
    const { dispatcher, endings, released, held, engines } = await dispatching({ memory: 12, onText });
    const growing = prompts.map((prompt) => generation(prompt));
    for (const next of growing) {
      await until('the next may come', () => room(dispatcher) === 1);
      dispatcher.accept([next]);
    }
    await until('all have begun', () => engines[0]!.generating.size === 4);
    open(...prompts.slice(1));
    await until('three have given way, and two of them are out', () => {
      return held.size === 2 && dispatcher.notBegun.length === 1;
    });
    expect(engines[0]!.generating.size).toBe(1);
    expect(released).toEqual([growing[3]!.requestId, growing[2]!.requestId]);
    expect([room(dispatcher), endings.size]).toEqual([0, 0]);
    open(prompts[0]!);
    await until('the first ends, and then the one that waited', () => endings.size === 2);
    expect([...endings.keys()]).toEqual([growing[0]!.requestId, growing[1]!.requestId]);
    expect([room(dispatcher), held.inState('running')]).toEqual([1, []]);
  });

  test('and those that the database does not take back are still ours, and end here', async () => {
    const prompts = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'];
    const { onText, open } = doors(...prompts);
    let asked = 0;
    const releases = () => {
      asked++;
      return false;
    };
    const { dispatcher, endings, released, held, engines } = await dispatching({ memory: 12, onText, releases });
    dispatcher.accept(prompts.map((prompt) => generation(prompt)));
    await until('all have begun', () => engines[0]!.generating.size === 3);
    open(...prompts);
    await until('all have ended', () => endings.size === 3);
    expect([asked, released, held.inState('running')]).toEqual([1, [], []]);
  });

  test.each<[string, () => boolean]>([
    [
      'the database could not be asked about',
      () => {
        throw new Error('away');
      },
    ],
    ['the database did not take back', () => false],
  ])('one that %s is handed back when it has to give way again', async (_, refuse) => {
    const prompts = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'];
    const { onText, close, open } = doors(...prompts);
    let calls = 0;
    const { dispatcher, endings, released, engines } = await dispatching({
      ...{ memory: 12, onText },
      releases: () => (++calls <= 2 ? refuse() : true),
    });
    const growing = prompts.map((prompt) => generation(prompt));
    dispatcher.accept(growing);
    await until('all have begun', () => engines[0]!.generating.size === 4);
    open(...prompts.slice(1));
    await until('two should have gone', () => calls === 2 && engines[0]!.generating.size === 1);
    expect(released).toEqual([]);
    close(prompts[1]!);
    open(prompts[0]!);
    await until('the first ends, and all but one give way again', () => released.length === 1);
    expect([released, endings.size]).toEqual([[growing[3]!.requestId], 1]);
    open(prompts[1]!);
    await until('the others end', () => endings.size === 3);
  });

  test('a cancel of one that runs makes room where one had to give way', async () => {
    const { dispatcher, engines, held } = await dispatching({ memory: 12 });
    const [first, second] = [generation('forever'), generation('bbbbbbbbbbbbbb')];
    dispatcher.accept([first]);
    await until('the next may come', () => room(dispatcher) === 1);
    dispatcher.accept([second]);
    await until('it has given way', () => engines[0]!.generating.size === 1 && room(dispatcher) === 0);
    dispatcher.lose(held.get(first.requestId)!);
    await until('there is room', () => room(dispatcher) === 1);
  });

  test('so does an error of one, while another still waits for memory', async () => {
    const error = Promise.withResolvers<void>();
    const { dispatcher, engines, endings, held } = await dispatching({
      memory: 12,
      onText: (text) => {
        if (text === 'fails') return error.promise;
        return text === 'stays' ? new Promise(() => undefined) : undefined;
      },
    });
    const [fails, stays, waits] = ['fails', 'stays', 'bbbbbbbb'].map((prompt) => generation(prompt));
    for (const next of [fails!, stays!, waits!]) dispatcher.accept([next]);
    await until('the last has given way', () => engines[0]!.generating.size === 2);
    const long = generation('long', { inputTokens: 2000 });
    dispatcher.accept([long]);
    expect(held.get(long.requestId)!.state).toBe('waiting');
    error.reject(new SteadyTextError('InvalidInput', 'no'));
    await until('it has failed', () => endings.get(fails!.requestId)?.outcome === 'failed');
    await until('the long one is in the engine', () => held.get(long.requestId)?.state !== 'waiting');
  });

  test('one that is handed back and comes again before that is told makes none: it had no memory', async () => {
    const told = Promise.withResolvers<boolean>();
    const end = Promise.withResolvers<void>();
    const { dispatcher, endings, held, engines } = await dispatching({
      memory: 12,
      onText: (text) => (text === 'stays' ? end.promise : undefined),
      releases: () => told.promise,
    });
    const [stays, waits, goes] = ['stays', 'bbbbbbbb', 'cccccccc'].map((prompt) => generation(prompt));
    for (const next of [stays!, waits!, goes!]) dispatcher.accept([next]);
    await until('two have given way', () => engines[0]!.generating.size === 1);
    expect([held.inState('running').length, room(dispatcher)]).toEqual([3, 0]);
    const long = generation('long', { inputTokens: 2000 });
    dispatcher.accept([{ ...goes!, leaseToken: '2' }, long]);
    expect([goes!, long].map(({ requestId }) => held.get(requestId)!.state)).toEqual(['waiting', 'waiting']);
    told.resolve(true);
    await until('the answer has come', () => told.promise);
    expect(held.get(goes!.requestId)).toMatchObject({ leaseToken: '2', state: 'waiting' });
    expect(endings.size).toBe(0);
    end.resolve();
    await until('they have their turn', () => held.get(long.requestId)?.state !== 'waiting');
  });

  test('an engine that dies takes the count with it', async () => {
    const { dispatcher, engines, endings } = await dispatching({
      atOnce: 1,
      onText: (text) => (text === 'first' ? new Promise(() => undefined) : undefined),
    });
    dispatcher.accept([generation('first')]);
    await until('it runs', () => engines[0]!.generating.size === 1);
    dispatcher.accept([generation('second')]);
    expect(room(dispatcher)).toBe(0);
    engines[0]!.crash({ signal: 'SIGKILL' });
    await until('another engine is there', () => engines.length === 2);
    await until('it may take one', () => room(dispatcher) === 1);
    const next = generation('next');
    dispatcher.accept([next]);
    await until('it ends', () => endings.get(next.requestId)?.outcome === 'completed');
  });
});
