// Tokens of a byte-level vocabulary as bytes, and a stream of tokens as text: a character whose bytes are spread over
// several tokens comes out when its last byte is there.

import { SteadyTextError } from '../../errors.ts';
import type { TokenizerFiles } from './tokenizer.ts';

export type BytesOfToken = (id: number) => Uint8Array;

const NOTHING = new Uint8Array(0);

/** The bytes of a token; special tokens have none, since they are no part of an answer. */
export function bytesOfTokens({ tokenizer, definition }: TokenizerFiles): BytesOfToken {
  if (definition.decoder?.type !== 'ByteLevel') {
    throw new SteadyTextError(
      'ModelUnsupported',
      `expected a tokenizer with a ByteLevel decoder, ${definition.decoder?.type ?? 'none'} came`,
      { hint: 'Take a model with a byte-level BPE vocabulary (GPT-2 style).' },
    );
  }
  const added = new Map(definition.added_tokens?.map((token) => [token.id, token]));
  const utf8 = new TextEncoder();
  return (id) => {
    const token = added.get(id);
    if (token) return token.special ? NOTHING : utf8.encode(token.content);
    const letters: string = tokenizer.id_to_token(id) ?? '';
    return Uint8Array.from([...letters].map((letter) => BYTE_OF_LETTER.get(letter) ?? 0x3f));
  };
}

/**
 * GPT-2 writes each byte as one printable letter: the printable Latin-1 letters as themselves, the other 68 bytes in
 * rising order as U+0100, U+0101 …
 */
const BYTE_OF_LETTER: ReadonlyMap<string, number> = (() => {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  const letters = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) letters.set(String.fromCodePoint(isPrintable(byte) ? byte : next++), byte);
  return letters;
})();

export interface TokenStream {
  /** Takes a token, gives the characters that it completes (often one piece of a word, sometimes nothing). */
  push(id: number): string;
  /** Gives what is left: bytes that never became a character come out as U+FFFD. */
  end(): string;
}

export function tokenStream(bytesOf: BytesOfToken): TokenStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (id) => decoder.decode(bytesOf(id), { stream: true }),
    end: () => decoder.decode(),
  };
}
