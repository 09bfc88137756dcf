// llama-server in a process of its own: so many slots, flash attention, no cache of prompts.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NativeLlama, roomOf, type Weights } from './native-llama.ts';

export interface LlamaServer extends AsyncDisposable {
  /** Tokens that it generated. */
  complete(prompt: readonly number[], tokens: number): Promise<number>;
}

/** How long it may take until it is ready: to read a file of a few hundred MB. */
const START_MS = 60_000;

/** `tokens` are the longest prompt and answer together. */
export async function startLlamaServer(
  llama: NativeLlama,
  weights: Weights,
  { slots, threads, tokens }: { slots: number; threads: number; tokens: number },
): Promise<LlamaServer> {
  const port = await freePort();
  const sizes = ['-np', slots, '-c', slots * roomOf(tokens), '-t', threads, '--no-kv-unified'];
  const caches = ['--no-cache-prompt', '--cache-ram', 0];
  const args = [
    '-m',
    llama.files[weights].path,
    '-fa',
    'on',
    ...sizes,
    ...caches,
    '--host',
    '127.0.0.1',
    '--port',
    port,
  ];
  const child = spawn(llama.program('llama-server'), [...args, '--offline', '--log-disable'].map(String), {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const onExit = () => child.kill('SIGKILL');
  process.on('exit', onExit);
  const stop = async () => {
    process.off('exit', onExit);
    child.kill('SIGKILL');
    await ended;
  };
  const address = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, address);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async complete(prompt, tokens) {
      const asked = { prompt, n_predict: tokens, ignore_eos: true, cache_prompt: false, temperature: 0, seed: 42 };
      const answer = await fetch(`${address}/completion`, { method: 'POST', body: JSON.stringify(asked) });
      const said = (await answer.json()) as { tokens_predicted?: number };
      if (said.tokens_predicted === undefined) throw new Error(`Expected a completion, got ${JSON.stringify(said)}`);
      return said.tokens_predicted;
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function untilReady(child: ChildProcess, address: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const health = await fetch(`${address}/health`).catch(() => undefined);
    if (health?.ok) return;
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null) {
      throw new Error(`Expected llama-server to run, it ended with ${signalCode ?? `status ${exitCode}`}.`);
    }
    if (performance.now() > deadline) throw new Error(`Expected llama-server to be ready within ${START_MS / 1000} s.`);
    await sleep(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('Expected a port, got none.');
  return address.port;
}
