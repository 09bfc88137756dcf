import { describe, expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import { dispatching } from './support/dispatching.ts';
import { claimed, generation, until } from './support/parts.ts';

describe('batches', () => {
  test('embeds run together, generations as slots, and each ends once with its receipt', async () => {
    const { dispatcher, endings, engines } = await dispatching({ engines: 2, embedBatch: 8 });
    const requests = [...Array.from({ length: 16 }, () => claimed()), generation('hello'), generation('world')];
    dispatcher.accept(requests);
    await until('all have ended', () => endings.size === requests.length);
    expect(engines.flatMap((engine) => engine.embedCalls)).toEqual([8, 8]);
    expect(endings.get(requests[16]!.requestId)).toMatchObject({
      outcome: 'completed',
      result: 'hello',
      tokensOut: 5,
      modelDigest: 'a'.repeat(64),
      receipt: {
        model: 'smollm2-135m-instruct',
        engine: 'echo-1',
        onnxruntime: 'none',
        cpu_class: 'any',
        finish: 'end',
      },
    });
  });

  test('a wrong request fails at once and its mates run', async () => {
    const { dispatcher, endings } = await dispatching();
    const wrong = generation('x', { params: { max_tokens: 5000 } });
    const right = generation('fine');
    dispatcher.accept([wrong, right]);
    await until('both have ended', () => endings.size === 2);
    expect(endings.get(wrong.requestId)).toEqual({
      outcome: 'failed',
      error: 'InvalidInput: max_tokens: expected at most 4096, got 5000',
    });
    expect(endings.get(right.requestId)!.outcome).toBe('completed');
  });

  test('a batch that throws is run again singly, and only the culprit is told of', async () => {
    const { dispatcher, endings } = await dispatching({
      onText: (text) => {
        if (text === 'bad') throw new SteadyTextError('InputTooLong', 'too long');
      },
    });
    const requests = ['a', 'bad', 'c'].map((prompt) => claimed({ prompt }));
    dispatcher.accept(requests);
    await until('all have ended', () => endings.size === 3);
    expect(requests.map(({ requestId }) => endings.get(requestId)!.outcome)).toEqual([
      'completed',
      'failed',
      'completed',
    ]);
  });
});

describe('a prompt that no engine here has room for', () => {
  const NO_ROOM = 'EngineTooSmall: expected less than 10 letters, 12 came';
  const refused = async (roomElsewhere: () => boolean) => {
    const { dispatcher, endings, handedOver, held } = await dispatching({ room: 10, roomElsewhere });
    const [long, short] = [generation('abcdefghijkl'), generation('abc')];
    dispatcher.accept([long, short]);
    await until('both are out of the engine', () => held.inState('running').length === 0);
    expect(endings.get(short.requestId)).toMatchObject({ outcome: 'completed' });
    return { handedOver: handedOver.includes(long.requestId), ending: endings.get(long.requestId), size: held.size };
  };

  test('goes to a worker that has', async () => {
    expect(await refused(() => true)).toEqual({ handedOver: true, ending: undefined, size: 1 });
  });

  test('fails where there is none', async () => {
    const ending = { outcome: 'failed', error: NO_ROOM };
    expect(await refused(() => false)).toEqual({ handedOver: false, ending, size: 2 });
  });

  test('is tried again where nobody can be asked', async () => {
    const ending = { outcome: 'retry', error: NO_ROOM };
    const away = () => {
      throw new Error('away');
    };
    expect(await refused(away)).toEqual({ handedOver: false, ending, size: 2 });
  });
});

describe('a summary of several parts', () => {
  const summary = () =>
    claimed({ requestType: 'summarize', model: 'smollm2-135m-instruct', prompt: 'x'.repeat(2000), inputTokens: 800 });

  test('is a large request: one an engine, beside others', async () => {
    const { dispatcher, endings } = await dispatching();
    const demand = () => dispatcher.demands().find(({ requestType }) => requestType === 'summarize');
    expect(demand()).toMatchObject({ limit: 2, largest: 768, largeLimit: 1 });
    const request = summary();
    dispatcher.accept([request]);
    expect(demand()).toMatchObject({ limit: 1, largeLimit: 0 });
    await until('it ends', () => endings.has(request.requestId));
    expect(endings.get(request.requestId)).toMatchObject({ outcome: 'completed', receipt: { chunks: 4, levels: 2 } });
  });

  test('that is lost stops within its steps', async () => {
    const { dispatcher, endings, engines, held } = await dispatching();
    const request = summary();
    dispatcher.accept([request]);
    await until('two parts run', () => engines[0]!.generating.size === 2);
    dispatcher.lose(held.get(request.requestId)!);
    await until('they have stopped', () => engines[0]!.generating.size === 0);
    const next = generation('after it');
    dispatcher.accept([next]);
    await until('the next ends', () => endings.has(next.requestId));
    expect([...endings.keys()]).toEqual([next.requestId]);
  });
});

describe('room', () => {
  test('is what the engines have free, and shrinks with what runs and waits', async () => {
    const { dispatcher, engines } = await dispatching({ engines: 2, embedBatch: 4, generateSlots: 3 });
    const limit = (type: string) => dispatcher.demands().find(({ requestType }) => requestType === type)?.limit ?? 0;
    expect([limit('generate'), limit('embed')]).toEqual([2, 16]);
    dispatcher.accept(Array.from({ length: 7 }, () => generation('forever')));
    expect(limit('generate')).toBe(0);
    await until('all slots run', () => engines.every(({ generating }) => generating.size === 3));
    expect(limit('generate')).toBe(0);
    expect(limit('embed')).toBe(16);
  });
});

describe('an engine that dies', () => {
  const DIED = {
    outcome: 'retry',
    isolate: true,
    error: 'EngineDied: the engine was ended by signal SIGSEGV while it ran this request',
  };

  test('hands back what was in it, whatever the type, to run alone with no attempt used, and is replaced', async () => {
    const { dispatcher, endings, engines, handedBack, held, pool } = await dispatching({
      onText: (text) => (text.startsWith('slow') ? new Promise(() => undefined) : undefined),
    });
    const requests = [generation('forever 1'), generation('forever 2'), claimed({ prompt: 'slow' })];
    dispatcher.accept(requests);
    await until('both run', () => engines[0]!.generating.size === 2);
    engines[0]!.crash({ signal: 'SIGSEGV' });
    await until('all are handed back', () => held.size === 0);
    expect(handedBack.sort()).toEqual(requests.map(({ requestId }) => requestId).sort());
    await until('a new engine is ready', () => pool.seats[0]!.state === 'ready');
    expect(engines).toHaveLength(2);
    expect(endings.size).toBe(0);
  });

  test('counts an attempt of one that was alone in it', async () => {
    const { dispatcher, endings, engines, handedBack, held } = await dispatching();
    const ended = generation('short');
    dispatcher.accept([ended]);
    await until('the first has ended', () => endings.has(ended.requestId));
    const alone = generation('forever');
    dispatcher.accept([alone]);
    await until('it runs', () => engines[0]!.generating.size === 1);
    engines[0]!.crash({ signal: 'SIGSEGV' });
    await until('it has ended', () => endings.has(alone.requestId));
    expect(endings.get(alone.requestId)).toEqual(DIED);
    expect(handedBack).toEqual([]);
    expect(held.inState('running')).toEqual([]);
  });

  test('had company in one that was lost, which may be what killed it', async () => {
    const { dispatcher, endings, engines, handedBack, held } = await dispatching({
      onText: () => new Promise(() => {}),
    });
    const [lost, mate] = [claimed(), claimed()];
    dispatcher.accept([lost, mate]);
    await until('both run', () => held.inState('running').length === 2);
    dispatcher.lose(held.get(lost.requestId)!);
    engines[0]!.crash({ signal: 'SIGSEGV' });
    await until('the other is handed back', () => held.size === 0);
    expect([handedBack, endings.size]).toEqual([[mate.requestId], 0]);
  });

  test('counts an attempt of what the database does not take back, or cannot be asked about', async () => {
    for (const taken of [
      () => false,
      () => {
        throw new Error('away');
      },
    ]) {
      const { dispatcher, endings, engines } = await dispatching({ taken });
      const requests = [generation('forever 1'), generation('forever 2')];
      dispatcher.accept(requests);
      await until('both run', () => engines[0]!.generating.size === 2);
      engines[0]!.crash({ signal: 'SIGSEGV' });
      await until('both have ended', () => endings.size === 2);
      expect([...endings.values()]).toEqual([DIED, DIED]);
    }
  });

  test('is not killed in the middle of a long batch, which ends nothing for longer than an engine may stand still', async () => {
    const { dispatcher, endings, engines, pool } = await dispatching({
      onText: () => new Promise((resolve) => setTimeout(resolve, 20)),
    });
    const documents = Array.from({ length: 50 }, (_, i) => `document ${i}`);
    const rerank = claimed({ requestType: 'rerank', prompt: 'q', params: { documents } });
    dispatcher.accept([rerank]);
    await until('the rerank ends', async () => {
      await pool.watch();
      return endings.size === 1;
    });
    expect([endings.get(rerank.requestId)!.outcome, engines.length]).toEqual(['completed', 1]);
  });

  test('is not killed while it reads a long prompt, which says nothing for longer than an engine may stand still', async () => {
    const { dispatcher, endings, engines, pool } = await dispatching({ promptTurns: 50 });
    const long = generation('long');
    dispatcher.accept([long]);
    await until('the generation ends', async () => {
      await pool.watch();
      return endings.size === 1;
    });
    expect([endings.get(long.requestId)!.outcome, engines.length]).toEqual(['completed', 1]);
  });

  test('is not killed for standing still when it has no work', async () => {
    const { dispatcher, endings, engines, pool } = await dispatching();
    await pool.watch();
    await until('it stands still for too long', () => performance.now() - pool.seats[0]!.lastProgress > 200);
    await pool.watch();
    dispatcher.accept([claimed()]);
    await until('it works', () => endings.size === 1);
    expect(engines).toHaveLength(1);
  });

  test('that hangs is killed', async () => {
    const { dispatcher, endings, pool } = await dispatching({ onText: () => new Promise(() => undefined) });
    dispatcher.accept([claimed()]);
    await until('the engine is killed', async () => {
      await pool.watch();
      return endings.size === 1;
    });
    expect([...endings.values()]).toEqual([
      {
        outcome: 'retry',
        isolate: true,
        error: 'EngineDied: the engine made no progress for 0.2 s and was ended while it ran this request',
      },
    ]);
  });
});

test('a request that is claimed again while it runs is run anew, and only the later attempt ends', async () => {
  const { dispatcher, endings, engines, held } = await dispatching();
  const request = generation('forever');
  dispatcher.accept([request]);
  await until('it runs', () => engines[0]!.generating.size === 1);
  dispatcher.accept([{ ...request, prompt: 'short', leaseToken: request.leaseToken }]);
  await until('the later attempt has ended', () => endings.size === 1);
  expect(endings.get(request.requestId)).toMatchObject({ outcome: 'completed', result: 'short' });
  await until('the earlier one has stopped', () => engines[0]!.generating.size === 0);
  expect(held.size).toBe(1);
});
