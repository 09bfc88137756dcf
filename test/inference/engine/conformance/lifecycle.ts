// What every engine does with models that come and go, with work of two kinds, and when it is closed.

import { describe, expect, test } from 'vitest';
import type { DecoderShape } from '../../../../workers/inference/model-folder.ts';
import { failure, type Given } from './given.ts';

export function lifecycleConformance(given: Given): void {
  describe('models', () => {
    test('what is loaded twice is loaded once, and described', async () => {
      const { description } = given.models.text;
      const loaded = await given.engine.load(given.models.text);
      expect(loaded).toMatchObject({
        name: description.name,
        kind: 'text',
        digest: description.digest,
        format: description.format,
        converterVersion: description.converterVersion,
        dimension: null,
      });
      const { layers, kvHeads, headSize } = description.shape as DecoderShape;
      expect(loaded.tokenBytes).toBe(2 * layers * kvHeads * headSize * 4);
      const { models: listed, pid, residentBytes, cpuClass, engineVersion } = await given.engine.describe();
      expect(listed.map((model) => model.kind)).toEqual(['text', 'embedding', 'reranking']);
      expect(listed[0]).toEqual({
        ...{ ...loaded, resident: true, loadMs: expect.any(Number), bytes: expect.any(Number) },
        idleMs: null,
      });
      expect(listed.slice(1).map((model) => model.tokenBytes)).toEqual([null, null]);
      expect(pid).toBeGreaterThan(0);
      expect(residentBytes).toBeGreaterThan(1e6);
      expect([cpuClass, engineVersion].every((text) => text.length > 0)).toBe(true);
    });

    test('one that is not loaded is named, with those that are', async () => {
      const error = await failure(given.engine.embed({ model: 'nobody', texts: ['a'] }));
      expect(error.name).toBe('UnknownModel');
      expect(error.message).toMatch(/^expected a loaded model \(.*\), "nobody" came$/);
      expect(error.hint).toBeTruthy();
    });

    test('one of the wrong kind is refused', async () => {
      expect((await failure(given.engine.generate(given.request({ model: given.embedding })))).message).toMatch(
        /kind embedding$/,
      );
      const text = given.models.text.description.name;
      expect((await failure(given.engine.embed({ model: text, texts: ['a'] }))).message).toMatch(/kind text$/);
      expect((await failure(given.engine.rerank({ model: text, query: 'a', documents: ['b'] }))).message).toMatch(
        /^expected an embedding or a reranking model, .* kind text$/,
      );
    });

    test('one that was unloaded is unknown, until it is loaded again', async () => {
      await given.engine.unload(given.embedding);
      expect((await failure(given.engine.embed({ model: given.embedding, texts: ['a'] }))).name).toBe('UnknownModel');
      await given.engine.load(given.models.embedding);
      await expect(given.engine.embed({ model: given.embedding, texts: ['a'] })).resolves.toBeTruthy();
    });

    test('one that was shut is closed until it is opened or called, and knows how long ago that was', async () => {
      const its = async () => (await given.engine.describe()).models.find(({ name }) => name === given.embedding)!;
      expect(await given.engine.shut(given.embedding)).toBe(true);
      expect(await given.engine.shut(given.embedding)).toBe(true);
      expect(await its()).toMatchObject({ resident: false });
      await given.engine.open(given.embedding);
      expect(await its()).toMatchObject({ resident: true });
      await given.engine.shut(given.embedding);
      const called = given.engine.embed({ model: given.embedding, texts: ['a'] });
      expect((await called).vectors).toHaveLength(1);
      expect(await its()).toMatchObject({ resident: true, idleMs: expect.any(Number) });
      expect((await failure(given.engine.open('nobody'))).name).toBe('UnknownModel');
      expect((await failure(given.engine.shut('nobody'))).name).toBe('UnknownModel');
    });

    test('one that was described before is closed until it is called, and gives the same', async () => {
      const described = await given.engine.load(given.models.embedding);
      const before = await given.engine.embed({ model: given.embedding, texts: ['a b c'] });
      await given.engine.unload(given.embedding);
      const bytes = 30 * 2 ** 20;
      await given.engine.know({ folder: given.models.embedding, described, bytes });
      const { models: known } = await given.engine.describe();
      expect(known.find(({ name }) => name === given.embedding)).toMatchObject({
        ...{ ...described, bytes, resident: false },
      });
      expect(await given.engine.load(given.models.embedding)).toEqual(described);
      expect(await given.engine.embed({ model: given.embedding, texts: ['a b c'] })).toEqual(before);
    });

    test('one that has work is not shut', async () => {
      // Of many steps: an embedding may have ended before the engine hears of the other call.
      const running = given.engine.generate(given.request({ maxTokens: 30 }));
      expect(await given.engine.shut(given.models.text.description.name)).toBe(false);
      expect((await running).tokensOut).toBe(30);
    });

    test('a generation that may come to take more than one is allowed is refused by name, before it runs', async () => {
      const { tokenBytes } = await given.engine.load(given.models.text);
      const bound = (requestBytes: number) =>
        given.engine.bound({ modelBytes: Number.POSITIVE_INFINITY, requestBytes });
      await bound(5 * tokenBytes!);
      const refused = await failure(given.engine.generate(given.request({ maxTokens: 5 })));
      expect(refused).toMatchObject({ name: 'InvalidInput', message: expect.stringMatching('max_memory_per_request') });
      await bound(Number.POSITIVE_INFINITY);
      expect(await given.engine.generate(given.request({ maxTokens: 5 }))).toMatchObject({ tokensOut: 5 });
    });

    test('unloading lets what runs come to its end', async () => {
      const running = given.engine.embed({ model: given.embedding, texts: ['a b c'] });
      await Promise.all([running, given.engine.unload(given.embedding)]);
      await given.engine.load(given.models.embedding);
      expect((await running).vectors).toHaveLength(1);
    });
  });

  test('embeddings run between the steps of a generation', async () => {
    let ended = false;
    const generating = given.engine.generate(given.request({ maxTokens: 60 })).then(() => {
      ended = true;
    });
    const texts = Array.from({ length: 4 }, (_, i) => `text ${i}`);
    await given.engine.embed({ model: given.embedding, texts });
    expect(ended).toBe(false);
    await generating;
  });

  test('a closed engine rejects what runs, and everything after', async () => {
    const closing = given.start({});
    await closing.load(given.models.text);
    const running = closing.generate(given.request({ maxTokens: 4096 }));
    const rejected = failure(running);
    await closing.close();
    expect((await rejected).name).toBe('EngineDied');
    expect((await failure(closing.load(given.models.text))).name).toBe('EngineDied');
    expect((await failure(closing.embed({ model: given.embedding, texts: ['a'] }))).name).toBe('EngineDied');
    expect(() => closing.cancel('nobody')).not.toThrow();
    await closing.close();
  });
}
