// Cuts a query and its documents into what a decoder is asked at once: the frame's beginning, instruction and query, a part of a
// document, the frame's end.

import { SteadyTextError } from '../../errors.ts';
import { inParts, type PairCutter } from '../encoder/cut-pair.ts';
import { CLOSING_TEXT, openingText, type RankFrame } from '../text/rank-frame.ts';

/** Least room for instruction, query and document together. */
export const LEAST_ROOM = 16;

/** A text of more becomes tokens in parts: 100 kB of English take 60 ms at once. */
const PIECE_CHARACTERS = 16_000;

export interface Asked {
  readonly instruction: string;
  readonly query: string;
}

export interface RankOptions {
  readonly model: string;
  readonly frame: RankFrame;
  readonly textIds: (text: string) => readonly number[];
  readonly maxTokens: number;
}

/** Tokens that the frame leaves for instruction, query and document. */
export function roomIn({ frame, textIds, maxTokens }: RankOptions): number {
  const around = [frame.before, textIds(openingText(frame, '')), textIds(CLOSING_TEXT), frame.after];
  return maxTokens - around.flat().length;
}

/**
 * The instruction has half of the room at most, the query half of what that leaves. A document is cut into parts of what is left
 * then. Throws InvalidInput for a longer instruction; a longer query is cut.
 */
export function rankCutter(options: RankOptions, { instruction, query }: Asked): PairCutter {
  const { frame, textIds, maxTokens } = options;
  const room = roomIn(options);
  let start: readonly number[] | undefined;
  let truncated = false;

  function* startIds(): Generator<number, readonly number[]> {
    const opening = openingText(frame, instruction);
    const opened = yield* idsInPieces(opening, textIds);
    const tokens = opened.length - textIds(openingText(frame, '')).length;
    if (tokens > room / 2) throw tooLong(options, tokens, room);
    const mostOfQuery = Math.floor((room - tokens) / 2);
    const asked = yield* idsInPieces(` ${query}`, textIds);
    truncated = asked.length > mostOfQuery;
    if (truncated) return [...frame.before, ...opened, ...asked.slice(0, mostOfQuery), ...textIds(CLOSING_TEXT)];
    // As one text: a mark that ends the query and the line's end after it are one token in most vocabularies.
    return [...frame.before, ...textIds(`${opening} ${query}${CLOSING_TEXT}`)];
  }

  return {
    get truncated() {
      return truncated;
    },
    *cut(document) {
      start ??= yield* startIds();
      const ids = yield* idsInPieces(` ${document}`, textIds);
      return inParts(start, ids, frame.after, maxTokens);
    },
  };
}

/** Yields the characters of each piece that has become tokens. */
function* idsInPieces(text: string, textIds: RankOptions['textIds']): Generator<number, readonly number[]> {
  const ids: number[] = [];
  for (const piece of piecesOf(text, PIECE_CHARACTERS)) {
    for (const id of textIds(piece)) ids.push(id);
    yield piece.length;
  }
  return ids;
}

const BETWEEN_WORDS = /(?<=\p{L}) (?=\p{L})/gu;

/**
 * Pieces of so many characters at least, whose tokens are those of the whole text: each but the first begins with the one space
 * between two letters, and there every known way of cutting a text into words (pre-tokenizers.ts) begins one.
 */
export function* piecesOf(text: string, length: number): Generator<string> {
  let start = 0;
  while (start < text.length) {
    BETWEEN_WORDS.lastIndex = start + length;
    const end = BETWEEN_WORDS.exec(text)?.index ?? text.length;
    yield text.slice(start, end);
    start = end;
  }
}

function tooLong({ model }: RankOptions, tokens: number, room: number): SteadyTextError {
  return new SteadyTextError(
    'InvalidInput',
    `expected an instruction of at most ${Math.floor(room / 2)} tokens for ${model}, one of ${tokens} came`,
    { hint: `Shorten the task of the request: with query and document it has room for ${room} tokens.` },
  );
}
