// Measures a model in several number formats on this machine: how near each is to fp32, its speed, and what it takes.

import { arch, availableParallelism, cpus, loadavg } from 'node:os';
import type { NumberFormat } from '../choose-format.ts';
import type { ModelFolder } from '../model-folder.ts';
import { type EngineRound, measureEngine } from './measure-engine.ts';
import { embeddingQuality, median, type Quality, rerankingQuality } from './quality.ts';
import type { FormatFigures } from './recommend.ts';
import { shippedText } from './shipped-texts.ts';
import { textQualities } from './text-qualities.ts';

export interface BenchOptions {
  /** One folder a format, fp32 among them. */
  readonly folders: readonly ModelFolder[];
  readonly rounds: number;
  /** Tokens of the text that a text model has to foresee, at first (text-qualities.ts), and of each answer. */
  readonly tokens: number;
  readonly newTokens: number;
  /** Instead of the shipped one. */
  readonly text?: string | undefined;
  readonly signal?: AbortSignal;
  /** Called before each step of so many, which may become more. */
  readonly onStep?: (done: number, of: number) => void;
}

export interface BenchConditions {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Of the last minute, before anything was measured: of more than one core's the speeds are of a busy machine. */
  readonly loadBefore: number;
  readonly rounds: number;
  readonly text: 'shipped' | 'given';
}

export interface BenchResult {
  readonly conditions: BenchConditions;
  readonly figures: readonly FormatFigures[];
}

/**
 * Each round asks all formats, one engine process after the other, every second round backwards: what slows the machine for a while slows
 * all of them. Speeds, memory and times are medians of the rounds.
 */
export async function benchModel(options: BenchOptions): Promise<BenchResult> {
  const { folders, rounds, tokens, newTokens, text, signal } = options;
  const conditions: BenchConditions = {
    cpu: cpus()[0]?.model.trim() ?? arch(),
    cores: availableParallelism(),
    node: process.version,
    loadBefore: loadavg()[0]!,
    rounds,
    text: text === undefined ? 'shipped' : 'given',
  };
  const { shape } = folders[0]!.description;
  const isText = 'kvHeads' in shape && shape.reranks === undefined;
  let [done, steps] = [0, folders.length * rounds];
  const step = () => options.onStep?.(done++, steps);

  const foreseeing = { text: text ?? shippedText(), tokens, signal, onStep: step };
  const onMore = (more: number) => {
    steps += more;
  };
  const qualities = isText ? await textQualities(folders, { ...foreseeing, onMore }) : undefined;
  const measured = new Map<NumberFormat, EngineRound[]>(folders.map(({ description }) => [description.format, []]));
  for (let round = 0; round < rounds; round++) {
    for (const folder of round % 2 === 0 ? folders : folders.toReversed()) {
      step();
      measured.get(folder.description.format)!.push(await measureEngine(folder, newTokens, signal));
    }
  }
  const figures = folders.map(({ description: { format, files } }): FormatFigures => {
    const its = measured.get(format)!;
    return {
      format,
      quality: qualities?.get(format) ?? qualityOf(its[0]!, measured.get('fp32')![0]!),
      speeds: Object.fromEntries(
        Object.keys(its[0]!.speeds).map((what) => [what, median(its.map(({ speeds }) => speeds[what]!))]),
      ),
      residentBytes: median(its.map(({ residentBytes }) => residentBytes)),
      fileBytes: Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0),
      loadMs: median(its.map(({ loadMs }) => loadMs)),
    };
  });
  return { conditions, figures };
}

function qualityOf({ vectors, scores }: EngineRound, exact: EngineRound): Quality {
  return vectors ? embeddingQuality(vectors, exact.vectors!) : rerankingQuality(scores!, exact.scores!);
}
