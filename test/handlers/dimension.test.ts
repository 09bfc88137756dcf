// An embedding that is to have as many numbers as its model does not: where the number may have come from is part of the error.
import { expect, test } from 'vitest';
import { SteadyTextError } from '../../workers/errors.ts';
import { embedHandler } from '../../workers/handlers/embed.ts';
import { echoEngine } from '../fleet/support/echo-engine.ts';
import { ECHO_EMBEDDING_MODEL } from '../fleet/support/echo-models.ts';
import { claimed } from '../fleet/support/parts.ts';

const refused = new SteadyTextError('InvalidInput', 'expected 384 numbers, 3 came');
const died = new SteadyTextError('EngineDied', 'killed');

test.each([
  [
    refused,
    { dimension: 3 },
    `${refused.message}; the 3 came of dimension, or of the setting steadytext.embedding_dimensions`,
  ],
  [refused, {}, refused.message],
  [died, { dimension: 3 }, died.message],
] as const)('%s of %j', async (error, params, message) => {
  const engine = echoEngine({});
  const host = {
    engine: { ...engine, embed: () => Promise.reject(error) },
    model: await engine.load(ECHO_EMBEDDING_MODEL),
    origin: {},
  };
  const attempt = { id: 'a', input: embedHandler.parse(claimed({ prompt: 'text', params })) };
  const [settle, begin] = [() => undefined, () => undefined];
  await expect(embedHandler.run([attempt], host, settle, begin)).rejects.toMatchObject({ name: error.name, message });
});
