// How every command shows that long work goes on: bars where a person watches a terminal, elsewhere a plain line every
// few seconds and one at the end, so that a log stays readable.

import bars, { type GenericBar, type MultiBar, type Options } from 'cli-progress';
import { formatBytes } from '../inference/store/bytes.ts';
import type { Progress } from '../inference/store/progress.ts';

const LINE_EVERY_MS = 5_000;

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean };

interface Work {
  readonly label: string;
  readonly total: number | null;
  readonly unit: 'bytes' | 'files';
  readonly startedAt: number;
}

export function createProgress(stream: Stream): Progress {
  return stream.isTTY ? barProgress(stream) : lineProgress(stream);
}

/** A line when `LINE_EVERY_MS` have passed since the last, and one at the end of each piece of work. */
export function lineProgress(stream: Stream, now: () => number = Date.now): Progress {
  return {
    start(label, total, unit = 'bytes') {
      const work: Work = { label, total, unit, startedAt: now() };
      let printedAt = work.startedAt;
      let done = 0;
      return {
        update(value) {
          done = value;
          if (now() - printedAt < LINE_EVERY_MS) return;
          printedAt = now();
          stream.write(`${label}: ${describe(work, done, now())}\n`);
        },
        end: () => void stream.write(`${label}: ${describe(work, done, now())}, ended\n`),
      };
    },
  };
}

/** Bars below each other while they run; they stay on the screen with their last state. */
function barProgress(stream: Stream): Progress {
  let screen: MultiBar | undefined;
  let running = 0;
  return {
    start(label, total, unit = 'bytes') {
      screen ??= new bars.MultiBar({ stream, format: drawBar, emptyOnZero: true }, bars.Presets.shades_grey);
      running++;
      const work: Work = { label, total, unit, startedAt: Date.now() };
      const bar: GenericBar = screen.create(total ?? 0, 0, { work });
      return {
        update: (done) => bar.update(done),
        end() {
          bar.stop();
          if (--running > 0) return;
          screen?.stop();
          screen = undefined;
        },
      };
    },
  };
}

function drawBar(options: Options, params: { progress: number; value: number }, payload: { work: Work }): string {
  const { work } = payload;
  const bar = work.total === null ? '' : `${bars.Format.BarFormat(params.progress, options)} `;
  return `${work.label}: ${bar}${describe(work, params.value, Date.now())}`;
}

/** "45 %, 44 MB of 98 MB, 3 s" or "44 MB, 3 s" or "12 files, 3 s". */
function describe(work: Work, done: number, now: number): string {
  const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;
  const amount = work.unit === 'bytes' ? formatBytes : files;
  const elapsed = `${((now - work.startedAt) / 1000).toFixed(1)} s`;
  if (work.total === null) return `${amount(done)}, ${elapsed}`;
  const percent = work.total === 0 ? 100 : Math.floor((100 * done) / work.total);
  return `${percent} %, ${amount(done)} of ${amount(work.total)}, ${elapsed}`;
}
