// A constraint together with a vocabulary: what all its generations share.

import type { Expressions } from '../expression/expressions.ts';
import { Costs } from './costs.ts';
import { Masks } from './masks.ts';
import { ShortestOutputs } from './shortest-output.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Bound {
  readonly all: Expressions;
  readonly vocabulary: Vocabulary;
  readonly costs: Costs;
  readonly masks: Masks;
  readonly shortest: ShortestOutputs;
}

export function bind(all: Expressions, vocabulary: Vocabulary): Bound {
  const costs = new Costs(vocabulary);
  return {
    all,
    vocabulary,
    costs,
    masks: new Masks(all, vocabulary, costs),
    shortest: new ShortestOutputs(vocabulary),
  };
}
