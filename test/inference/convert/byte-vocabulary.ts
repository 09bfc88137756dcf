// A byte-level vocabulary learnt from texts as they are, across the borders of words: a text that is cut into other words has
// other tokens.

export const LETTERS = lettersOfBytes();

/** GPT-2's letters: printable bytes as themselves, the others from U+0100 on. */
function lettersOfBytes(): readonly string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCodePoint(printable ? byte : next++);
  });
}

export const byteLetters = (text: string): string[] => Array.from(Buffer.from(text), (byte) => LETTERS[byte]!);

export interface ByteVocabulary {
  readonly tokens: readonly string[];
  readonly merges: readonly string[];
}

/** Every byte, then the result of merging the most frequent pair, so many times; of equal ones the pair met first. */
export function learnVocabulary(texts: readonly string[], count: number): ByteVocabulary {
  let words = texts.map(byteLetters);
  const tokens = [...LETTERS];
  const merges: string[] = [];
  while (merges.length < count) {
    const pairs = new Map<string, number>();
    for (const word of words)
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      }
    const [pair] = [...pairs].reduce((best, next) => (next[1] > best[1] ? next : best));
    const [left, right] = pair.split(' ') as [string, string];
    words = words.map((word) => merged(word, left, right));
    merges.push(pair);
    if (!tokens.includes(left + right)) tokens.push(left + right);
  }
  return { tokens, merges };
}

function merged(word: readonly string[], left: string, right: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) {
      result.push(left + right);
      i++;
    } else result.push(word[i]!);
  }
  return result;
}
