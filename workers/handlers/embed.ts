// embed: text in, unit vector out. Many requests go to an engine as one batch; it sorts and cuts them as it likes.

import { z } from 'zod';
import type { Handler } from './handler.ts';
import { parseParams, requiredPrompt, seed } from './input.ts';
import { receiptOf, truncation } from './receipt.ts';

const Params = z.object({ seed });

export const embedHandler: Handler<string> = {
  requestType: 'embed',
  kind: 'embedding',

  // One batch runs, the next is already there when it ends.
  capacity: ({ embedBatch }) => ({ perEngine: 2 * embedBatch, perCall: embedBatch }),

  parse(request) {
    parseParams(Params, request);
    return requiredPrompt(request, 'text');
  },

  async run(attempts, { engine, model, origin }, settle) {
    const output = await engine.embed({
      model: model.name,
      texts: attempts.map((attempt) => attempt.input),
      ids: attempts.map((attempt) => attempt.id),
    });
    for (const [i, attempt] of attempts.entries()) {
      if (output.cancelled[i]) continue;
      const [embedding, tokensIn] = [output.vectors[i]!, output.tokens[i]!];
      const flags = truncation(output.truncated[i]!);
      const run = { texts: [attempt.input], parameters: {}, output: embedding, tokensIn, flags };
      settle(attempt, {
        outcome: 'completed',
        embedding,
        tokensIn,
        modelDigest: model.digest,
        receipt: receiptOf(origin, run),
      });
    }
  },
};
