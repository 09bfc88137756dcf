// Prints what a bench measured, and keeps it for a file of JSON: conditions, every figure of every round, ratios and bars.

import { writeFile } from 'node:fs/promises';
import { type Comparison, median, printComparison, printConditions, ratioOf } from './measure.ts';
import { QUIET } from './other-load.ts';

export class Report {
  readonly #kept: { conditions: object; comparisons: object[]; figures: object[] } = {
    conditions: {},
    comparisons: [],
    figures: [],
  };
  #reached = true;

  /** Whether no bar was missed. */
  get reached(): boolean {
    return this.#reached;
  }

  conditions(more: Readonly<Record<string, string | number>>): void {
    this.#kept.conditions = { at: new Date().toISOString(), ...printConditions(more) };
  }

  compare(comparison: Comparison): void {
    const reached = printComparison(comparison);
    this.#reached &&= reached;
    const verdict = comparison.bar === undefined ? {} : { reached };
    this.#kept.comparisons.push({ ...comparison, ratio: ratioOf(comparison), ...verdict });
  }

  /** A sentence and the figures in it; `reached` where it has a bar. */
  tell(sentence: string, figures: object, reached = true): void {
    console.log(sentence);
    this.#reached &&= reached;
    this.#kept.figures.push(figures);
  }

  /** What others took of the cores, each time that it was looked at; warns where ratios are not to be trusted. */
  others(loads: readonly number[]): void {
    const [middle, most] = [median(loads), Math.max(...loads)].map((load) => `${(100 * load).toFixed(0)} %`);
    const warning = median(loads) > QUIET ? ': NOT QUIET, ratios of several threads say nothing' : '';
    this.tell(`others took ${middle} of the cores before a measuring, at most ${most}${warning}`, { others: loads });
  }

  async write(file: string | undefined): Promise<void> {
    if (file === undefined) return;
    await writeFile(file, `${JSON.stringify(this.#kept, null, 2)}\n`);
    console.log(`All figures are in ${file}.`);
  }
}
