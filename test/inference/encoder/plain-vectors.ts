// What answers of encoders are compared with, in double precision.

import { CLS, SEP } from '../engine/tiny-encoders.ts';

/** As the tiny tokenizer frames a text. */
export const framed = (ids: readonly number[]) => [CLS, ...ids, SEP];

export const mean = (rows: readonly (readonly number[])[], weights = rows.map(() => 1)) => {
  const whole = weights.reduce((a, b) => a + b, 0);
  return rows[0]!.map((_, i) => rows.reduce((sum, row, r) => sum + (row[i]! * weights[r]!) / whole, 0));
};

export const unit = (row: readonly number[]) => row.map((value) => value / Math.hypot(...row));
