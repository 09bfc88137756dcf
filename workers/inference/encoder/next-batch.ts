// Which of the batches that wait gets an encoder's next turn.

/** Every so many turns the one whose last turn is longest ago goes on, however much it has left. */
const OLDEST_EVERY = 4;

/**
 * Index of the batch to go on; `left` tells how much each has left, those whose last turn is longest ago first. The one with the
 * least left goes first, every fourth turn the first of the line: a batch of one group waits for two groups at most when
 * all others are larger, the k-th of the line for 4k turns at most whatever comes after it, and of two equal ones the
 * first ends well before the second (turn by turn both would end last, and nothing would be there to follow them).
 */
export function nextBatch(left: readonly number[], turn: number): number {
  if (turn % OLDEST_EVERY === OLDEST_EVERY - 1) return 0;
  return left.indexOf(Math.min(...left));
}
