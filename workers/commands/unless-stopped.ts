// Work that a signal ends: with its temporary files removed, and the status that a shell expects.

import { type CommandContext, remark, type StopSignal } from './context.ts';
import { statusOf } from './stop.ts';

export async function unlessStopped(
  context: CommandContext,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let first: StopSignal | undefined;
  const release = context.onStop((signal) => {
    first ??= signal;
    stop.abort();
  });
  try {
    await work(stop.signal);
  } catch (error) {
    if (first === undefined) throw error;
    remark(context, 'Stopped; only whole files were kept.');
    context.setExitStatus(statusOf(first));
  } finally {
    release();
  }
}
