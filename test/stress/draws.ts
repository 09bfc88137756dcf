// Of what the sweep draws over the tiny models.

import type { RequestDraws } from '../../scripts/stress/round.ts';

export const TINY_DRAWS: RequestDraws = {
  words: ['the', 'ring', 'and', 'inn', 'on', 'x', 'their', '7', 'a', 'bread,', 'q?'],
  lengths: [3, 8, 30],
  questions: ['', 'q?'],
  mostTokens: 60,
  stops: ['a'],
  constraints: [
    { kind: 'json', schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
    { kind: 'regex', pattern: '(the ring|an inn)( and a (ring|bread))*' },
    { kind: 'choice', choices: ['the', 'then a ring', 'x'] },
  ],
};
