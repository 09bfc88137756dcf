// How near an encoder comes to what this machine can do: products of bytes for the tokens that it reads, and the reading of its weights.

import type { ModelFolder } from '../../../workers/inference/model-folder.ts';
import { spread } from '../measure.ts';
import type { Report } from '../report.ts';
import { type Bounds, boundsMeter } from './bounds.ts';

/** Rows of the table of positions of BERT models. */
const POSITIONS = 512;

export interface EncoderBounds extends AsyncDisposable {
  /** Called in each round. */
  measure(): Promise<void>;
  /** `tokensPerSecond`: ours, a figure a round. */
  tell(report: Report, tokensPerSecond: readonly number[]): void;
}

/** Without a C compiler it does nothing; that was printed. */
export async function encoderBounds(own: ModelFolder, fp32: ModelFolder, threads: number): Promise<EncoderBounds> {
  const meter = await boundsMeter();
  const measured: Bounds[] = [];
  const bytes = own.description.files['graph.data']!.bytes;
  const perToken = operationsOf(fp32);
  return {
    async measure() {
      if (meter) measured.push(await meter.measure(bytes, threads));
    },
    tell(report, tokensPerSecond) {
      if (measured.length === 0) return;
      const giga = spread(measured.map(({ bytesPerSecond }) => bytesPerSecond / 1e9));
      const { kind } = measured[0]!;
      const most = Math.max(...measured.map(({ operationsPerSecond }) => operationsPerSecond));
      const share = tokensPerSecond.map((rate) => (rate * perToken) / most);
      const memory = `memory: ${threads} threads read ${(bytes / 1e6).toFixed(0)} MB, our weights, at ${giga} GB/s`;
      const compute =
        most === 0
          ? 'compute: nobody wrote products of bytes for this CPU'
          : `compute: at best ${(most / 1e9).toFixed(0)} billion operations a second in ${kind} on bytes in registers; about ` +
            `${(perToken / 1e6).toFixed(0)} million a token, ours ${spread(share.map((each) => 100 * each))} % of that`;
      const figures = { what: 'bounds', bytes, threads, perToken, measured, tokensPerSecond };
      report.tell(`${memory}; ${compute}`, { ...figures, ...(most > 0 && { shareOfCompute: share }) });
    },
    async [Symbol.asyncDispose]() {
      await meter?.[Symbol.asyncDispose]();
    },
  };
}

/** Two for each weight that is multiplied: all but the tables that are looked up. Attention among the tokens is left out. */
export function operationsOf({ description: { files, shape } }: ModelFolder): number {
  const weights = files['graph.data']!.bytes / 4;
  const hidden = 'hidden' in shape ? shape.hidden : 0;
  return 2 * (weights - (('vocabulary' in shape ? shape.vocabulary : 0) + POSITIONS) * hidden);
}
