import { expect, test } from 'vitest';
import { generateHandler } from '../../workers/handlers/generate.ts';
import { originOf } from '../../workers/handlers/receipt.ts';
import { echoEngine } from '../fleet/support/echo-engine.ts';
import { ECHO_TEXT_MODEL } from '../fleet/support/echo-models.ts';
import { generation } from '../fleet/support/parts.ts';

test('generate shows its text piece by piece where somebody reads it and it would come again', async () => {
  const shownBy = async (params: object, promise: object) => {
    const engine = echoEngine();
    const model = { ...(await engine.load(ECHO_TEXT_MODEL)), ...promise };
    const origin = originOf(await engine.describe(), model);
    const attempt = { id: 'a', input: generateHandler.parse(generation('abc', { params: { ...params } })) };
    const shown: string[] = [];
    const nothing = () => undefined;
    await generateHandler.run([attempt], { engine, model, origin }, nothing, nothing, (_, piece) => shown.push(piece));
    return shown;
  };
  expect(await shownBy({ stream: true }, {})).toEqual(['', 'a', 'b', 'c']);
  expect(await shownBy({}, {})).toEqual([]);
  expect(await shownBy({ stream: true }, { deterministic: false })).toEqual([]);
});
