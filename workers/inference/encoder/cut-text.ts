// Cuts texts into what an encoder takes at once. It is done piece by piece, so that a long text takes several turns.

import type { TokenReader } from '../text/token-reader.ts';

/** One input of a graph. */
export interface Sequence {
  readonly ids: readonly number[];
  /** How many of its tokens, from the first on, belong to the first of two texts; all, where there is one. */
  readonly first: number;
}

export interface CutText {
  /** What runs, in the order of the text; nothing of a text that is refused. */
  readonly sequences: readonly Sequence[];
  /** Tokens of the text in each sequence, specials and prompt not counted. */
  readonly weights: readonly number[];
  /** Tokens of all sequences; of a text that is refused, those that it would have in one. */
  readonly tokens: number;
  readonly truncated: boolean;
  readonly refused: boolean;
}

/** Yields how many characters have become tokens since the last time. */
export type Cutting = Generator<number, CutText>;

/** chunk: parts of as many tokens as fit, none left out and none twice. */
export type Cut = 'truncate' | 'refuse' | 'chunk';

export interface TextToCut {
  readonly text: string;
  /** Goes before the text, and before each of its parts. */
  readonly prompt: string;
  readonly promptIds: readonly number[];
  readonly cut: Cut;
}

export function* cutText(reader: TokenReader, { text, prompt, promptIds, cut }: TextToCut, maxTokens: number): Cutting {
  const { before, after } = reader;
  const specials = before.length + after.length;
  const room = maxTokens - specials;
  const ids = yield* readIds(reader, prompt + text, cut === 'truncate' ? room : Number.POSITIVE_INFINITY);
  if (ids.length > room && cut === 'refuse')
    return { sequences: [], weights: [], tokens: ids.length + specials, truncated: false, refused: true };
  const prompted = promptIds.length;
  const parts = ids.length > room && cut === 'chunk' ? chunks(ids, prompted, room - prompted) : [ids.slice(0, room)];
  const sequences = parts.map((part, i) => {
    const framed = [...before, ...(i === 0 ? [] : promptIds), ...part, ...after];
    return { ids: framed, first: framed.length };
  });
  return {
    sequences,
    weights: parts.map(({ length }, i) => (i === 0 ? length - prompted : length)),
    tokens: sequences.reduce((sum, { ids }) => sum + ids.length, 0),
    truncated: ids.length > room && cut === 'truncate',
    refused: false,
  };
}

/** Ids of a text; more than `enough` are not looked for. */
export function* readIds(reader: TokenReader, text: string, enough: number): Generator<number, number[]> {
  const ids: number[] = [];
  for (const piece of reader.read(text)) {
    for (const id of piece.ids) ids.push(id);
    if (ids.length > enough) break;
    yield piece.characters;
  }
  return ids;
}

/** The first has `more` tokens in front of its own. */
export function chunks(ids: readonly number[], more: number, size: number): number[][] {
  const parts = [ids.slice(0, more + size)];
  for (let at = more + size; at < ids.length; at += size) parts.push(ids.slice(at, at + size));
  return parts;
}
