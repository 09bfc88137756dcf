// What the sweep prints: a line a round, the first request that differs, and the summary.

import type { Found, RoundEnd } from './sweep.ts';
import { differ, type Tally } from './tally.ts';

const counted = (count: number) => count.toLocaleString('en-US');

export function roundLine({ round, rounds, tally, seconds }: RoundEnd): string {
  const { embeddings, pairs, generations, cancelled } = tally;
  const parts = [
    ...(embeddings.count > 0 ? [`${embeddings.count} embeddings`] : []),
    ...(pairs.count > 0 ? [`${pairs.count} pairs`] : []),
    ...(generations.count > 0 ? [`${generations.count} generations of ${generations.tokensOut} tokens`] : []),
  ];
  const times = `${seconds.alone.toFixed(0)} s alone, ${seconds.inCompany.toFixed(0)} s beside ${cancelled} cancelled`;
  return `round ${round} of ${rounds}: ${parts.join(', ')}: ${differ(tally)} differ (${times})`;
}

export function summary({ embeddings, pairs, generations, cancelled }: Tally): string[] {
  const { count, tokensIn, tokensOut, constrained, drawn } = generations;
  return [
    `${counted(embeddings.differ)} of ${counted(embeddings.count)} embeddings differ: ${counted(embeddings.differingNumbers)} of ` +
      `${counted(embeddings.numbers)} numbers, ${counted(embeddings.differingBytes)} of ${counted(embeddings.bytes)} bytes`,
    `${counted(pairs.differ)} of ${counted(pairs.count)} pairs are in rerankings that differ: ` +
      `${counted(pairs.differingBytes)} of ${counted(pairs.bytes)} bytes`,
    `${counted(generations.differ)} of ${counted(count)} generations differ: ${counted(generations.differingBytes)} of ` +
      `${counted(generations.bytes)} bytes; ${counted(tokensIn)} tokens of prompts, ${counted(tokensOut)} of answers, ` +
      `${counted(constrained)} under a constraint, ${counted(drawn)} drawn`,
    `${counted(cancelled)} more were cancelled beside them`,
  ];
}

export function foundLines(
  { request, round, difference, alone, inCompany, aloneAgain }: Found,
  again: string,
): string[] {
  const { bytes, numbers, parts } = difference;
  return [
    `Request ${request.id} of round ${round} differs in ${parts.join(', ')}: ${bytes} bytes of its result` +
      (request.type === 'embed' ? `, ${numbers} of ${alone.ending.embedding?.length ?? 0} numbers` : ''),
    `  request: ${JSON.stringify(request)}`,
    `  alone, engine ${JSON.stringify(alone.options)}: ${shown(alone)}`,
    `  in company, engine ${JSON.stringify(inCompany.options)}: ${shown(inCompany)}`,
    `  once more alone, in an engine that ran nothing else: ${aloneAgain ? 'as alone' : 'NOT as alone'}`,
    `  again: ${again}`,
  ];
}

/** A vector by its hash: it is in the receipt. */
function shown({ ending: { embedding: _, ...ending } }: Found['alone']): string {
  return JSON.stringify(ending);
}
