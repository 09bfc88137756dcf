// A worker and its engines live for weeks: of what has ended nothing may stay.

import { expect, onTestFinished, test } from 'vitest';
import { EngineSeat } from '../../workers/fleet/engine-seat.ts';
import { heldBytes, heldOf } from '../support/garbage.ts';
import { dispatching } from './support/dispatching.ts';
import { echoEngine } from './support/echo-engine.ts';
import { ECHO_MODELS } from './support/echo-models.ts';
import { claimed, generation, silent, until } from './support/parts.ts';

test('calls and questions that an engine has answered leave nothing in the seat of it', async () => {
  const seat = new EngineSeat({
    startEngine: async () => echoEngine(),
    models: async () => ECHO_MODELS,
    log: silent,
    onChange: () => undefined,
  });
  await seat.start();
  onTestFinished(() => seat.close(0));
  const many = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await seat.occupy(1, async () => undefined);
      if (i % 10 === 0) await seat.describe(1000);
    }
  };
  await many(1000);
  const before = await heldBytes();
  await many(20_000);
  // 312 bytes a call, as once, were 6 MB.
  expect((await heldBytes()) - before).toBeLessThan(1e6);
});

test('requests that have ended are held by nobody, whether they ran, were cancelled in the line, or were isolated', async () => {
  const { dispatcher, endings, held } = await dispatching({ engines: 2, generateSlots: 2 });
  const gone: WeakRef<object>[] = [];
  const accept = () => {
    const requests = [
      ...Array.from({ length: 20 }, (_, i) => claimed({ prompt: `text ${i}` })),
      ...Array.from({ length: 10 }, (_, i) => generation(`ask ${i}`)),
      claimed({ isolated: true, retryCount: 1 }),
    ];
    gone.push(...requests.map((request) => new WeakRef(request)));
    dispatcher.accept(requests);
    // The last generation waits behind the others.
    const { requestId } = requests.at(-2)!;
    dispatcher.lose(held.get(requestId)!);
    return requests.length - 1;
  };
  /** As a worker does when the database has answered. */
  const settle = () => {
    for (const one of held.all()) held.remove(one);
  };
  let expected = 0;
  for (let round = 0; round < 3; round++) {
    expected += accept();
    await until('all that were not lost have ended', () => endings.size === expected);
    settle();
  }
  expect(await heldOf(gone)).toBe(0);
});
