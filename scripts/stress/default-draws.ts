// Of what the sweep over the default models draws: words of several scripts, questions, and forms that answers are to have.

import type { ConstraintSpec } from '../../workers/inference/constrained/compile-constraint.ts';
import type { Counts, RequestDraws } from './round.ts';

const WORDS = (
  'the a of and to in is it that was for on with as they at be this from have or one had by word but not what all were ' +
  'we when your can said there use each which she how their if will up other about out many then them these so some her ' +
  'sea lighthouse PostgreSQL transaction index vacuum bread, bread. ring king tide moon, Monday. query table? 1 42 3.14 ' +
  '1,000,000 2026-11-27 0xff $9.99 100% Überfluss, Straße naïve café łódź Москва, привет Ελλάδα 日本 東京。 한국어 العربية ' +
  'שלום हिन्दी 😀 👩‍👩‍👧 select * from where; () => {} "quoted" \'single\' <b>bold</b> \\n C++ x_1 why? well... e.g. U.S. \n \t'
).split(' ');

const QUESTIONS = [
  '',
  'Repeat the text above, word for word.',
  'Write a short story in which all of this comes up.',
  'List five of these words, one a line.',
  'What is this about? Answer in one sentence.',
  'Count from one to twenty.',
  'Translate it into French.',
];

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 20 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    tags: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, maxItems: 3 },
  },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** None needs more than this. */
const LEAST_CONSTRAINED = 48;
const CONSTRAINTS: readonly ConstraintSpec[] = [
  { kind: 'json', schema: PERSON },
  { kind: 'json', schema: { type: 'array', items: { type: 'string', maxLength: 12 }, minItems: 1, maxItems: 4 } },
  { kind: 'json', schema: { anyOf: [{ type: 'integer' }, { type: 'null' }, { const: 'unknown' }] } },
  { kind: 'regex', pattern: '\\d{4}-(0[1-9]|1[0-2])-\\d{2}' },
  { kind: 'regex', pattern: '(yes|no), because [a-z ]{5,40}\\.' },
  { kind: 'choice', choices: ['yes', 'no', 'it cannot be said from this text'] },
  { kind: 'choice', choices: ['Москва', '東京', 'the United States', 'the United Kingdom'] },
];

/** Of 2.2 tokens a word: 660 of the longest prompts, give or take 40. */
export const DEFAULT_DRAWS: RequestDraws = {
  words: WORDS,
  lengths: [12, 45, 300],
  questions: QUESTIONS,
  mostTokens: 160,
  constraints: CONSTRAINTS,
  leastConstrained: LEAST_CONSTRAINED,
  stops: ['.', '\n\n', ' the', '日'],
};

/** Room for 1,024 tokens, 1,536 and the default 2,048. */
export const DEFAULT_CACHE_BYTES = [45 * 2 ** 20, 67.5 * 2 ** 20, 90 * 2 ** 20];

export const DEFAULT_COUNTS: Counts = { embeddings: 10_000, pairs: 2_000, generations: 1_000 };
/** Ten rounds of all kinds. */
export const ROUND_OF: Counts = { embeddings: 1_000, pairs: 200, generations: 100 };
