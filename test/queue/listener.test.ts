import { getEventListeners } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ListenerOptions, startListener } from '../../workers/queue/listener.ts';
import { startBouncer } from '../support/bouncer.ts';
import { useDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';
import { startProxy } from './support/proxy.ts';

const database = useDatabase();

function listening(options: Partial<ListenerOptions> = {}) {
  const heard = { work: 0, control: [] as string[], states: [] as string[] };
  const listener = startListener({
    url: database.workerUrl,
    name: 'listener test',
    channelPrefix: '',
    onWork: () => heard.work++,
    onControl: (payload) => heard.control.push(payload),
    onState: (state) => heard.states.push(state),
    ...options,
  });
  onTestFinished(() => listener.close());
  return { heard, listener };
}

const say = (text: string) => database.query(database.superuserUrl, text);

test('hears of work and of control', async () => {
  const { heard, listener } = listening();
  await waitFor(() => listener.listening, 'the listener');
  const before = heard.work;
  await say(`select pg_notify('steadytext_queue', ''), pg_notify('steadytext_control', 'cancel:x')`);
  await waitFor(() => heard.work > before && heard.control.length > 0, 'both notices');
  expect(heard.control).toEqual(['cancel:x']);
});

test('hears only of its own installation', async () => {
  const { heard, listener } = listening({ channelPrefix: 'tools_' });
  await waitFor(() => listener.listening, 'the listener');
  await say(
    `select pg_notify('steadytext_control', 'cancel:other'), pg_notify('tools_steadytext_control', 'cancel:own')`,
  );
  await waitFor(() => heard.control.length > 0, 'a notice');
  expect(heard.control).toEqual(['cancel:own']);
});

test('a lost connection is told once, made anew, and the worker looks once for what it missed', async () => {
  const { heard, listener } = listening();
  await waitFor(() => listener.listening, 'the listener');
  const before = heard.work;
  await say(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listener test' and datname = current_database()`,
  );
  await waitFor(() => heard.states.length === 3, 'the loss and the return');
  expect(heard.states).toEqual(['listening', 'lost', 'listening']);
  expect(heard.work).toBe(before + 1);
});

test('after each loss it listens again as soon as after the first', async () => {
  const { heard, listener } = listening({ name: 'losses test' });
  await waitFor(() => listener.listening, 'the listener');
  const took: number[] = [];
  for (let loss = 1; loss <= 6; loss++) {
    const began = performance.now();
    await say(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'losses test' and datname = current_database()`,
    );
    await waitFor(() => heard.states.length === 1 + 2 * loss, 'the loss and the return');
    took.push(performance.now() - began);
  }
  // As failures in a row, the last two would have waited for 0.8 and 1.6 s at least, not for 0.1 at most.
  expect(Math.min(...took.slice(-2))).toBeLessThan(800);
});

test('a half-open connection is noticed by the ping', async () => {
  const proxy = await startProxy(database.workerUrl);
  onTestFinished(() => proxy.close());
  const { heard, listener } = listening({ url: proxy.url(database.workerUrl), pingMs: 50 });
  await waitFor(() => listener.listening, 'the listener');
  proxy.silence();
  await waitFor(() => heard.states.includes('lost'), 'the loss');
  proxy.restore();
  await waitFor(() => listener.listening, 'the return');
});

test('one that waits before it tries again ends at once when it is closed', async () => {
  // As a standby answers, which is asked again after half a minute.
  const words = Buffer.from('SERROR\0C25006\0Mcannot execute LISTEN during recovery\0\0');
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + words.length);
  const standby = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, words])));
  });
  onTestFinished(() => void standby.close());
  await new Promise<void>((resolve) => standby.listen(0, '127.0.0.1', resolve));
  const { port } = standby.address() as AddressInfo;
  const { heard, listener } = listening({ url: `postgresql://nobody@127.0.0.1:${port}/none` });
  await waitFor(() => heard.states.includes('standby'), 'the pause');
  const began = performance.now();
  await listener.close();
  expect(performance.now() - began).toBeLessThan(1000);
});

test('of a connection that failed nothing is kept, however often it is tried', async () => {
  const watched = vi.spyOn(AbortSignal.prototype, 'addEventListener');
  onTestFinished(() => watched.mockRestore());
  // A port that answers nobody.
  listening({ url: 'postgresql://nobody@127.0.0.1:1/none' });
  await waitFor(() => watched.mock.calls.length >= 6, 'three tries and the pauses between them');
  const signals = new Set(watched.mock.contexts as AbortSignal[]);
  expect(signals.size).toBeLessThanOrEqual(2);
  for (const signal of signals) expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
});

test('through a bouncer it says so, since notices may not come through', async (context) => {
  const bouncer = await startBouncer(context, [database.workerUrl]);
  const { heard, listener } = listening({ url: bouncer.url(database.workerUrl) });
  await waitFor(() => listener.listening, 'the listener');
  expect(heard.states).toEqual(['bounced']);
});
