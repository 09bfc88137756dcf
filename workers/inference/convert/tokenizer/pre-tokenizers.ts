// How a text is cut into words before byte-level BPE, by the name that GGUF files give it. Each must give the pieces that
// llama.cpp's regular expressions of the same name give; the fixture of test/inference/convert compares ids.

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
// Split by the Unicode class and not by type "Digits": @huggingface/tokenizers takes only 0–9 for digits there.
const eachDigitAlone = { type: 'Split', pattern: { Regex: '\\p{N}' }, behavior: 'Isolated', invert: false };

const PRE_TOKENIZERS: Readonly<Record<string, readonly object[]>> = {
  smollm: [eachDigitAlone, byteLevel],
};

export const KNOWN_PRE_TOKENIZERS = Object.keys(PRE_TOKENIZERS);

export function preTokenizer(name: string): readonly object[] | undefined {
  return Object.hasOwn(PRE_TOKENIZERS, name) ? PRE_TOKENIZERS[name] : undefined;
}
