// How a text is cut into words before byte-level BPE, by the name that GGUF files give it (tokenizer.ggml.pre). Each must give
// the words that the tokenizer.json of these models gives: test/inference/convert compares ids with theirs, test/quality with
// llama.cpp's. Against llama.cpp's test vocabularies of Llama 3, Qwen 2 and GPT-2, the ids of all its 47 texts are equal.

export interface PreTokenizer {
  /** For the normalizer of tokenizer.json. llama.cpp normalises nothing: there, composed and decomposed letters have other ids. */
  readonly normalizer?: object;
  readonly steps: readonly object[];
  /** Whether a word that is a token stays whole even where its merges would not build it. */
  readonly ignoreMerges?: true;
  /** Whether a text begins with the beginning token where the file does not say (add_bos_token). */
  readonly addsBeginning?: true;
}

const split = (pattern: string): object => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});
const byteLevel = (useRegex: boolean): object => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

/** GPT-2's words, which ByteLevel has built in. */
const gpt2Words = byteLevel(true);
const bytesOnly = byteLevel(false);
// Split by the Unicode class and not by type "Digits": @huggingface/tokenizers takes only 0–9 for digits there.
const eachDigitAlone = split('\\p{N}');
/** As GPT-2's, but any letter may begin a contraction, any sign may stand before a word, and lines end words; digits as given. */
const wordsOfLines = (digits: string): object =>
  split(
    `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  );

const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  smollm: { steps: [eachDigitAlone, gpt2Words] },
  'gpt-2': { steps: [gpt2Words] },
  // Qwen 2, 2.5 and 3.
  qwen2: { normalizer: { type: 'NFC' }, steps: [wordsOfLines('\\p{N}'), bytesOnly] },
  // Llama 3.
  'llama-bpe': { steps: [wordsOfLines('\\p{N}{1,3}'), bytesOnly], ignoreMerges: true, addsBeginning: true },
  // What llama.cpp takes for files whose tokenizer it does not know.
  default: {
    steps: [
      split('[\\p{P}\\$\\+<=>\\^~\\|]+'),
      split("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"),
      split('\\p{N}+'),
      split('[0-9][0-9][0-9]'),
      bytesOnly,
    ],
  },
};

export const KNOWN_PRE_TOKENIZERS = Object.keys(PRE_TOKENIZERS);

export function preTokenizer(name: string): PreTokenizer | undefined {
  return Object.hasOwn(PRE_TOKENIZERS, name) ? PRE_TOKENIZERS[name] : undefined;
}
