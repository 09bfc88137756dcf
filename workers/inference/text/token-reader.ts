// Text to token ids, a piece of the text at a time: of a long text only the first pieces may be needed, and all of them at once
// would take an engine's time for too long (100 kB: 60 ms).

import { plainTokenizer } from './plain-tokenizer.ts';
import { specialsAround, type TokenizerFiles } from './tokenizer.ts';

export interface TokenPiece {
  readonly ids: readonly number[];
  /** Length of the text that they stand for. */
  readonly characters: number;
}

export interface TokenReader {
  /** What the model wants round a text, as [CLS] and [SEP]. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The ids of all pieces are those of the whole text, without specials. */
  read(text: string): Generator<TokenPiece>;
}

/** `pieceCharacters`: characters of a piece at least, where the model's rules let words be told apart; else a text is one. */
export function tokenReader(files: TokenizerFiles, pieceCharacters: number): TokenReader {
  const { definition } = files;
  const plain = plainTokenizer(files);
  // BERT's rules end a word at every space, so words have the same tokens in whatever piece they are.
  const separable = definition.pre_tokenizer?.type === 'BertPreTokenizer' && !definition.added_tokens?.some(isText);
  return {
    ...specialsAround(files.tokenizer),
    *read(text) {
      for (const piece of separable ? piecesOf(text, pieceCharacters) : [text]) {
        const { ids } = plain.encode(piece, { add_special_tokens: false });
        yield { ids, characters: piece.length };
      }
    },
  };
}

/** All ids of a short text. */
export function idsOf(reader: TokenReader, text: string): number[] {
  return [...reader.read(text)].flatMap(({ ids }) => [...ids]);
}

function isText({ special }: { special: boolean }): boolean {
  return !special;
}

/** Pieces of so many characters at least, each but the first beginning with a space. */
function* piecesOf(text: string, length: number): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const space = text.indexOf(' ', start + length);
    const end = space < 0 ? text.length : space;
    yield text.slice(start, end);
    start = end;
  }
}
