// Turns: everybody who has work gets one a round; those who leave finish first; nobody turns after the stop.

import { expect, test } from 'vitest';
import { Turns, type TurnTaker } from '../../../workers/inference/turns.ts';

class Worker implements TurnTaker {
  readonly log: string[];
  readonly name: string;
  size: number;
  readonly done = Promise.withResolvers<void>();

  constructor(log: string[], name: string, size: number) {
    this.log = log;
    this.name = name;
    this.size = size;
  }

  async turn(): Promise<void> {
    await Promise.resolve();
    this.log.push(this.name);
    this.size--;
    if (this.size === 0) this.done.resolve();
  }
}

test('those with work alternate until it is done, and are woken again by new work', async () => {
  const log: string[] = [];
  const turns = new Turns();
  const [a, b] = [new Worker(log, 'a', 3), new Worker(log, 'b', 2)];
  turns.add(a);
  turns.add(b);
  turns.wake();
  turns.wake();
  await Promise.all([a.done.promise, b.done.promise]);
  expect(log.join('')).toBe('ababa');
  const again = new Worker(log, 'c', 2);
  turns.add(again);
  turns.wake();
  await again.done.promise;
  expect(log.join('')).toBe('ababacc');
});

test('one that leaves does its work first, while others go on', async () => {
  const log: string[] = [];
  const turns = new Turns();
  const [leaving, staying] = [new Worker(log, 'l', 3), new Worker(log, 's', 50)];
  turns.add(leaving);
  turns.add(staying);
  turns.wake();
  await turns.remove(leaving);
  expect(leaving.size).toBe(0);
  expect(staying.size).toBeGreaterThan(0);
  await staying.done.promise;
});

test('after the stop nobody turns, and who waits to leave is let go', async () => {
  const log: string[] = [];
  const turns = new Turns();
  const worker = new Worker(log, 'w', 1000);
  turns.add(worker);
  turns.wake();
  const leaving = turns.remove(worker);
  await turns.stop();
  const left = worker.size;
  turns.wake();
  await leaving;
  expect(worker.size).toBe(left);
});
