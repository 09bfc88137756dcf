// Divides a long text into parts of so many tokens, at the ends of its paragraphs, lines or sentences where there are any: a pure function
// of the text and of how its tokens are counted. All parts together are the text.

import { setImmediate as afterEvents } from 'node:timers/promises';

/** What ends a unit, the better border the higher: 0 a sentence, 1 a line, 2 a paragraph. */
const SENTENCE = 0;
const PARAGRAPH = 2;

interface Unit {
  readonly text: string;
  readonly border: number;
  readonly tokens: number;
}

/** A word that is longer is cut: its tokens could take long to find (fewest-tokens.ts). */
const LONGEST_WORD = 200;
/** A sentence that is longer is taken by its words. */
const LONGEST_SENTENCE = 2000;
/** So many characters are counted before others may have their turn: some 10 ms. */
const BETWEEN_TURNS = 16_000;
/** Parts are about equally long, for the last one should say something too: this much more than the mean they may have. */
const ROOM_TO_CHOOSE = 1.15;

/** `count` gives the tokens of a piece of text. */
export async function divideText(text: string, most: number, count: (piece: string) => number): Promise<string[]> {
  const units: Unit[] = [];
  let counted = 0;
  for (const piece of pieces(text)) {
    counted += piece.text.length;
    if (counted > BETWEEN_TURNS) {
      await afterEvents();
      counted = 0;
    }
    const tokens = count(piece.text);
    if (tokens <= most) units.push({ ...piece, tokens });
    else for (const few of halves(piece.text, most, count)) units.push({ ...few, border: SENTENCE });
  }
  const all = units.reduce((sum, { tokens }) => sum + tokens, 0);
  if (all <= most) return pack(units, most);
  const parts = Math.ceil((all * ROOM_TO_CHOOSE) / most);
  return pack(units, Math.ceil((all * ROOM_TO_CHOOSE) / parts));
}

/** Ends each part at the best border of its second half, the last of these. */
function pack(units: readonly Unit[], room: number): string[] {
  const parts: string[] = [];
  for (let from = 0; from < units.length; ) {
    let [end, tokens, best, bestEnd] = [from, 0, -1, from];
    while (end < units.length && (end === from || tokens + units[end]!.tokens <= room)) {
      const { border, tokens: more } = units[end]!;
      tokens += more;
      end++;
      if (tokens * 2 >= room && border >= best) [best, bestEnd] = [border, end];
    }
    const to = end === units.length || bestEnd === from ? end : bestEnd;
    parts.push(
      units
        .slice(from, to)
        .map((unit) => unit.text)
        .join(''),
    );
    from = to;
  }
  return parts;
}

function* pieces(text: string): Generator<{ text: string; border: number }> {
  for (const { text: sentence, border } of sentences(text)) {
    if (sentence.length <= LONGEST_SENTENCE) yield { text: sentence, border };
    else for (const word of words(sentence)) yield { text: word, border: SENTENCE };
  }
}

/** With the white space behind them: all of them together are the text. */
export function* sentences(text: string): Generator<{ text: string; border: number }> {
  let from = 0;
  for (const end of text.matchAll(/[.!?…]+["'”’»)\]]*\s+|[。！？]+[」』”）]*\s*|\n\s*/gu)) {
    const to = end.index + end[0].length;
    const breaks = end[0].split('\n').length - 1;
    // "e.g. this", a line that was broken, "J. Smith", "3. Third": no end of a sentence.
    if (breaks <= 1 && /^\p{Ll}/u.test(text.slice(to, to + 2))) continue;
    const before = text.slice(Math.max(from, end.index - 5), end.index + 1);
    if (breaks === 0 && (SHORTENED.test(before) || (before.length === end.index + 1 - from && NUMBER.test(before))))
      continue;
    yield { text: text.slice(from, to), border: Math.min(breaks, PARAGRAPH) };
    from = to;
  }
  if (from < text.length) yield { text: text.slice(from), border: PARAGRAPH };
}

/** Of a list, which is the whole of a sentence so far. */
const NUMBER = /^\s*\d{1,3}\.$/;
const SHORTENED = /(?:^|[\s(])(?:\p{Lu}|Dr|Mr|Mrs|Ms|St|No|vs|e\.g|i\.e)\.$/u;

function* words(text: string): Generator<string> {
  for (const [word] of text.matchAll(/\S*\s*/gu))
    for (let at = 0; at < word.length; ) {
      let end = Math.min(at + LONGEST_WORD, word.length);
      // Not between the two halves of a character.
      if (end < word.length && /[\uD800-\uDBFF]/.test(word[end - 1]!)) end--;
      yield word.slice(at, end);
      at = end;
    }
}

/** Of a piece that alone has too many. */
function* halves(
  text: string,
  most: number,
  count: (piece: string) => number,
): Generator<{ text: string; tokens: number }> {
  const tokens = count(text);
  const characters = [...text];
  if (tokens <= most || characters.length === 1) return void (yield { text, tokens });
  const middle = Math.ceil(characters.length / 2);
  yield* halves(characters.slice(0, middle).join(''), most, count);
  yield* halves(characters.slice(middle).join(''), most, count);
}

/** Tokens of a text as estimated where no tokenizer is: as text_tokens of SQL has it. */
export function estimatedTokens(text: string): number {
  return Math.ceil(text.length / 4 + (Buffer.byteLength(text) - text.length));
}
