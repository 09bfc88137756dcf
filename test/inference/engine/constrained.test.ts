// Structured output of tiny models, whose weights are random: valid whatever they say, in any company, also when tokens run
// out; and what is refused before its first token, without harm to others.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSteadyTextError } from '../../../workers/errors.ts';
import type { ConstraintSpec } from '../../../workers/inference/constrained/compile-constraint.ts';
import type { Engine, GenerateInput } from '../../../workers/inference/engine.ts';
import { createLocalEngine } from '../../../workers/inference/local-engine.ts';
import { startEngineProcess } from '../../../workers/inference/process/engine-process.ts';
import { randomSchema } from '../constrained/random-schemas.ts';
import { seeded } from '../constrained/support.ts';
import { describeFormats } from '../formats.ts';
import { failure } from './conformance/given.ts';
import { checkGenerations } from './determinism.ts';
import { makeTinyModels } from './tiny-models.ts';

const COUNT = Number(process.env.STEADYTEXT_TEST_SCHEMAS ?? 90);
const ajv = new Ajv2020({ strict: false, logger: false, ownProperties: true });
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
const tiny = await makeTinyModels();
afterAll(() => tiny.remove());

const PERSON = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 12 }, age: { type: 'integer', minimum: 0, maximum: 150 } },
  required: ['name', 'age'],
};
/** Of keys and values in the tiny model. */
const TOKEN_BYTES = 512;
const CONSTRAINTS: readonly ConstraintSpec[] = [
  { kind: 'json', schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
  { kind: 'regex', pattern: '(the ring|an inn)( and a (ring|bread))*' },
  { kind: 'choice', choices: ['the', 'then a ring', 'x'] },
];

describeFormats((format) => {
  const quiet = createLocalEngine({ slots: 1, guesses: 0, prefixBytes: 0 });
  // Where all run at once they have no room: some give way and begin again.
  const busy = startEngineProcess({ slots: 5, cacheBytes: 384 * TOKEN_BYTES });
  let asked = 0;

  beforeAll(async () => {
    const model = await tiny.text(format, { everyByte: true, endless: false });
    for (const engine of [quiet, busy]) await engine.load(model);
  });
  afterAll(() => Promise.all([quiet.close(), busy.close()]));

  const request = (constraint: ConstraintSpec, changes: Partial<GenerateInput> = {}): GenerateInput => ({
    ...{ id: `c${asked++}`, model: 'tiny-text', prompt: 'the inn and the ring', maxTokens: 60, stop: [] },
    ...{ temperature: 0, seed: asked, constraint, ...changes },
  });
  const ask = async (constraint: ConstraintSpec, changes?: Partial<GenerateInput>, engine: Engine = busy) =>
    engine.generate(request(constraint, changes));

  describe('an answer', () => {
    test('is valid in its schema, greedy or drawn, and says how it ended', async () => {
      const validate = ajv.compile(PERSON);
      for (const temperature of [0, 0.8, 2]) {
        const { text, finish } = await ask({ kind: 'json', schema: PERSON }, { temperature });
        expect(validate(JSON.parse(text)), text).toBe(true);
        // Behind the last brace nothing can come, so no token of the model ends it.
        expect(finish).toBe('end');
      }
    });

    test('is one of the choices; the model says which', async () => {
      const choices = ['red', 'green', 'blue'];
      const answers = new Set<string>();
      for (let seed = 0; seed < 30; seed++)
        answers.add((await ask({ kind: 'choice', choices }, { seed, temperature: 2 })).text);
      expect([...answers].toSorted()).toEqual(choices.toSorted());
    });

    test('matches a pattern from its first character to its last', async () => {
      for (const temperature of [0, 1.5]) {
        const { text } = await ask({ kind: 'regex', pattern: '\\d{4}-(0[1-9]|1[0-2])-[a-zé]{2,5}' }, { temperature });
        expect(text).toMatch(/^\d{4}-(0[1-9]|1[0-2])-[a-zé]{2,5}$/);
      }
    });

    test('is drawn among allowed tokens only, with top-k and top-p too', async () => {
      for (const sampling of [{ topK: 2 }, { topP: 0.3 }, { topK: 5, topP: 0.9 }]) {
        const { text } = await ask({ kind: 'regex', pattern: '(\\d\\d\\.){5}' }, { temperature: 1.2, ...sampling });
        expect(text).toMatch(/^(\d\d\.){5}$/);
      }
    });

    test('of which one text only can come takes a fraction of the steps, and no token of the model', async () => {
      const only = 'the ring and the inn and the other ring and then another';
      const turns = async (engine: Engine) => {
        const before = (await engine.describe()).turnsTaken;
        const { text, tokensOut, finish } = await ask({ kind: 'regex', pattern: only }, {}, engine);
        expect([text, finish]).toEqual([only, 'end']);
        return { tokensOut, turns: (await engine.describe()).turnsTaken - before };
      };
      await ask(CONSTRAINTS[2]!, {}, quiet);
      const [slow, fast] = [await turns(quiet), await turns(busy)];
      expect(fast.tokensOut).toBe(slow.tokensOut);
      expect(slow.turns).toBeGreaterThanOrEqual(slow.tokensOut - 1);
      expect(fast.turns).toBeLessThan(slow.turns / 2);
    });

    test('that may be empty, and must be, has no token', async () => {
      expect(await ask({ kind: 'choice', choices: [''] })).toMatchObject({ text: '', tokensOut: 0, finish: 'end' });
    });

    test('that is whole with its last token ends by itself, not for its length', async () => {
      const five: ConstraintSpec = { kind: 'regex', pattern: '[qz]{5}' };
      expect(await ask(five, { maxTokens: 5 })).toMatchObject({ tokensOut: 5, finish: 'end' });
    });

    test('comes in pieces that make it up', async () => {
      const pieces: string[] = [];
      const { text } = await busy.generate(request({ kind: 'json', schema: PERSON }), (piece) => pieces.push(piece));
      expect(pieces.join('')).toBe(text);
    });

    test('is ended in time when its tokens run out', async () => {
      const schema = { type: 'array', items: PERSON, minItems: 1 };
      const needed = Number((await failure(ask({ kind: 'json', schema }, { maxTokens: 1 }))).message.match(/\d+/)![0]);
      for (let maxTokens = needed; maxTokens < needed + 12; maxTokens++) {
        const { text, tokensOut } = await ask({ kind: 'json', schema }, { maxTokens, temperature: 1 });
        expect(ajv.validate(schema, JSON.parse(text)), text).toBe(true);
        expect(tokensOut).toBeLessThanOrEqual(maxTokens);
      }
    });
  });

  test('generated schemas: every answer is valid, twelve at a time', { timeout: 240_000 }, async () => {
    let answered = 0;
    for (let from = 0; from < COUNT; from += 12) {
      const some = Array.from({ length: Math.min(12, COUNT - from) }, async (_, i) => {
        const seed = from + i;
        const random = seeded(seed);
        const schema = randomSchema(random);
        const changes = {
          maxTokens: 10 + Math.floor(random() * 80),
          seed,
          temperature: seed % 3 === 0 ? 0 : random() * 2,
        };
        const answer = await ask({ kind: 'json', schema }, changes).catch((error: unknown) => {
          if (!isSteadyTextError(error, 'InvalidInput')) throw error;
        });
        if (!answer) return;
        answered++;
        expect(ajv.validate(schema, JSON.parse(answer.text)), `seed ${seed}: ${answer.text}`).toBe(true);
      });
      await Promise.all(some);
    }
    // The others are impossible, have branches of oneOf that overlap, or need more tokens.
    expect(answered).toBeGreaterThan(0.6 * COUNT);
  });

  test('equal bytes with and without guesses, in any company', { timeout: 240_000 }, () => {
    const words = ['the', 'ring', 'and', 'inn', 'on', 'x', '7', 'a', 'bread,', 'q?'];
    const options = { runs: 25, mostTokens: 60, words, longest: 40, constraints: CONSTRAINTS };
    return checkGenerations(quiet, busy, 'tiny-text', options);
  });

  describe('is refused before the first token, and others go on:', () => {
    const refused = async (constraint: ConstraintSpec, changes?: Partial<GenerateInput>) => {
      const mate = ask(CONSTRAINTS[1]!, { seed: 1 });
      const error = await failure(ask(constraint, changes));
      expect((await mate).text).toMatch(/^(the ring|an inn)/);
      expect(error.name).toBe('InvalidInput');
      return error.message;
    };

    test('a keyword that is not supported, by name and place', async () => {
      const schema = { properties: { a: { not: {} } } };
      expect(await refused({ kind: 'json', schema })).toMatch(/\/properties\/a.*not/);
    });

    test('a schema that nothing satisfies, with the reason', async () => {
      expect(await refused({ kind: 'json', schema: { type: 'integer', minimum: 3, maximum: 2 } })).toMatch(
        /can satisfy/,
      );
    });

    test('a look-ahead, by name', async () => {
      expect(await refused({ kind: 'regex', pattern: 'a(?=b)' })).toMatch(/look-ahead/i);
    });

    test('more tokens than may come, with their number', async () => {
      const message = await refused({ kind: 'regex', pattern: 'q{30}' }, { maxTokens: 20 });
      expect(message).toMatch(/room for the 30 tokens.*20 may come/);
    });

    test('more tokens than the prompt leaves', async () => {
      const changes = { prompt: 'q'.repeat(300), maxTokens: 60 };
      expect(await refused({ kind: 'regex', pattern: 'q{30}' }, changes)).toMatch(
        /30 tokens.*20 may come.*300 are the prompt/,
      );
    });

    test('stop texts and a least number of tokens beside it', async () => {
      expect(await refused(CONSTRAINTS[0]!, { stop: ['}'] })).toMatch(/stop texts/);
      expect(await refused(CONSTRAINTS[0]!, { minTokens: 3 })).toMatch(/minTokens/);
    });
  });
});

test('the first constraint of a model waits for its vocabulary: it may be cancelled, and is no stranger to its id', async () => {
  const engine = createLocalEngine();
  await engine.load(await tiny.text('nb8', { everyByte: true, endless: false }));
  const input = { model: 'tiny-text', prompt: 'the', maxTokens: 30, stop: [], temperature: 0, seed: 1 };
  const constrained = (id: string) => engine.generate({ ...input, id, constraint: CONSTRAINTS[2]! });
  const [free, first, second] = [engine.generate({ ...input, id: 'free' }), constrained('1'), constrained('2')];
  expect((await engine.describe()).runningGenerations).toBe(3);
  expect((await failure(constrained('1'))).message).toMatch(/an id that no running generation has/);
  engine.cancel('1');
  expect(await first).toEqual({ text: '', tokensIn: 1, tokensOut: 0, finish: 'cancelled' });
  expect(['the', 'then a ring', 'x']).toContain((await second).text);
  expect((await free).tokensOut).toBeGreaterThan(0);
  const left = constrained('3');
  left.catch(() => undefined);
  await engine.close();
  expect((await failure(left)).name).toBe('EngineDied');
});

test('an answer that needs more room than this engine has is for another engine', async () => {
  const engine = createLocalEngine({ cacheBytes: 64 * TOKEN_BYTES });
  await engine.load(await tiny.text('nb8', { everyByte: true }));
  const ask = (most: number) => {
    const input = { id: `${most}`, model: 'tiny-text', prompt: 'q'.repeat(40), stop: [], temperature: 0, seed: 1 };
    const constraint: ConstraintSpec = { kind: 'regex', pattern: `q{${most}}` };
    return engine.generate({ ...input, maxTokens: 300, constraint });
  };
  expect(await ask(24)).toMatchObject({ text: 'q'.repeat(24), finish: 'end' });
  expect((await failure(ask(25))).name).toBe('EngineTooSmall');
  expect((await failure(ask(280))).name).toBe('EngineTooSmall');
  expect((await failure(ask(281))).name).toBe('InvalidInput');
  await engine.close();
});

test('a vocabulary without a token for each byte is refused by name', async () => {
  const engine = createLocalEngine();
  await engine.load(await tiny.text('nb8'));
  const input = { id: '1', model: 'tiny-text', prompt: 'the', maxTokens: 9, stop: [], temperature: 0, seed: 1 };
  const error = await failure(engine.generate({ ...input, constraint: CONSTRAINTS[0]! }));
  expect([error.name, error.message]).toEqual(['ModelUnsupported', expect.stringMatching(/a token for each byte/)]);
  await engine.close();
});
