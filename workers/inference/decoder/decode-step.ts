// One step of a group of slots: the newest token of each and what is guessed of the next ones in, what each goes on with out.

import type { DecoderShape } from '../model-folder.ts';
import { chooseRows } from './choose-rows.ts';
import { type Guess, NO_GUESS } from './drafts.ts';
import { areSound, isSound, notFinite } from './finite.ts';
import type { Forward } from './forward.ts';
import type { Generation } from './generation.ts';
import { MOST_ROWS, RECENT } from './recent-tokens.ts';
import type { SlotGroup } from './slot-group.ts';

export interface DecodeStepOptions {
  readonly shape: DecoderShape;
  readonly decode: Forward;
  /** Tokens that a step may try out beside the next one, 0 to MOST_ROWS - 1. They change no answer. */
  readonly guesses: number;
  /** Of a row of a slot, where reading all weights is 1 (choose-rows.ts). Default: that of row8. */
  readonly rowCost?: number;
}

/** The next tokens of each slot, or its error: one generation's is no other's. `careful`: without guesses, and with all logits. */
export async function decodeStep(
  options: DecodeStepOptions,
  group: SlotGroup,
  careful = false,
): Promise<(readonly number[] | Error)[]> {
  const { shape, decode, rowCost } = options;
  const running = [...group.running];
  const guesses = running.map((generation) => (careful ? NO_GUESS : guessOf(generation, options.guesses)));
  const rows = chooseRows(guesses, rowCost);
  const tried = guesses.map(({ tokens }) => tokens.slice(0, rows - 1));
  const drawn = running.map((generation, i) => generation.needsLogits(tried[i]!.length));
  const draws = careful || drawn.includes(true);
  const steps = running.map(({ last, length }, i) => ({
    tokens: [last, ...tried[i]!],
    length,
    recent: length % RECENT,
    asked: running[i]!.asks(tried[i]!.length),
  }));
  const { fresh, next } = await decode.run(group.context, steps, rows, draws);
  const sound = running.map((_, slot) => isSound(shape, fresh, slot, rows) && areSound(next[slot]!, drawn[slot]!));
  // A wrong guess may be what has no numbers: 0 × NaN is NaN, so the right token suffers from it. And where all logits are NaN,
  // the best has the id 0, as it may have where they are numbers. A step changes nothing before its rows are appended, so it is taken
  // again.
  if (sound.includes(false) && (rows > 1 || !draws)) return decodeStep(options, group, true);
  const answers = running.map((generation, i) => {
    if (!sound[i]) return notFinite(generation.plan.input.model, generation.length + 1);
    return outcomeOf(() => generation.answersTo(tried[i]!, next[i]!));
  });
  for (const [slot, taken] of answers.entries()) {
    // What is no number must not come into a slot: the next in its place would read it as its padding, times 0.
    group.append(slot, fresh, rows, taken instanceof Error ? 0 : taken.length);
    if (!(taken instanceof Error)) running[slot]!.learn(tried[slot]!.length, taken.length - 1);
  }
  return answers;
}

/** No further than its block of recent tokens goes, and its answer. */
function guessOf(generation: Generation, most: number): Guess {
  const room = RECENT - 1 - (generation.length % RECENT);
  return generation.guess(Math.min(most, MOST_ROWS - 1, room, generation.left - 1));
}

function outcomeOf(run: () => number[]): number[] | Error {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
