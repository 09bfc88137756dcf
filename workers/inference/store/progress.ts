// How long work tells how far it is, without knowing who looks: a terminal, a log, or nobody.

export interface Progress {
  /** Begins a piece of work; a total of null means that the end is not known beforehand. */
  start(label: string, total: number | null, unit?: 'bytes' | 'files'): ProgressTask;
}

export interface ProgressTask {
  /** So much is done, counted from the beginning. */
  update(done: number): void;
  /** The work has ended, well or not. */
  end(): void;
}

export const silentProgress: Progress = { start: () => ({ update: () => {}, end: () => {} }) };
