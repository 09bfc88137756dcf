// Prints what a bench measured, and keeps it for a file of JSON: conditions, every figure of every round, ratios, bars and verdicts.

import { writeFile } from 'node:fs/promises';
import { type Comparison, conditionsWith, judged, median, printConditions } from './measure.ts';
import { QUIET } from './other-load.ts';

export class Report {
  readonly #bench: string;
  #conditions: object = {};
  readonly #comparisons: object[] = [];
  readonly #figures: object[] = [];
  #reached = true;

  constructor(bench: string) {
    this.#bench = bench;
  }

  conditions(more: Readonly<Record<string, string | number>>): void {
    const conditions = conditionsWith(more);
    printConditions(conditions);
    this.#conditions = { at: new Date().toISOString(), ...conditions };
  }

  compare(comparison: Comparison): void {
    const { line, ...verdict } = judged(comparison);
    console.log(line);
    this.#judge(verdict.reached);
    this.#comparisons.push({ ...comparison, ...verdict });
  }

  /** A sentence and the figures in it; `reached` where it has a bar. */
  tell(sentence: string, figures: object, reached?: boolean): void {
    console.log(sentence);
    this.#judge(reached);
    this.#figures.push({ ...figures, ...(reached !== undefined && { reached }) });
  }

  /** What others took of the cores, each time that it was looked at; warns where ratios are not to be trusted. */
  others(loads: readonly number[]): void {
    const [middle, most] = [median(loads), Math.max(...loads)].map((load) => `${(100 * load).toFixed(0)} %`);
    const warning = median(loads) > QUIET ? ': NOT QUIET, ratios of several threads say nothing' : '';
    this.tell(`others took ${middle} of the cores before a measuring, at most ${most}${warning}`, { others: loads });
  }

  /** The file, where one was asked for; and status 1 where a bar was missed. */
  async end(file: string | undefined): Promise<void> {
    if (!this.#reached) process.exitCode = 1;
    if (file === undefined) return;
    await writeFile(file, `${JSON.stringify(this.kept, null, 2)}\n`);
    console.log(`All figures are in ${file}.`);
  }

  get kept() {
    return {
      bench: this.#bench,
      conditions: this.#conditions,
      comparisons: this.#comparisons,
      figures: this.#figures,
      reached: this.#reached,
    };
  }

  #judge(reached = true): void {
    this.#reached &&= reached;
  }
}
