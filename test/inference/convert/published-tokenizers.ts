// What stands in the tokenizer.json of models that are known, by the name that GGUF files give to their pre-tokenizer.

export interface Published {
  readonly normalizer: object | null;
  readonly pre_tokenizer: object;
  readonly ignore_merges?: boolean;
  /** Texts that the tokenizer library here cuts otherwise than the models' own does, and why. */
  readonly notCompared?: RegExp;
}

const byteLevel = (use_regex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex,
});
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const isolated = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });

// The library takes only 0–9 for digits in a pre-tokenizer of type "Digits"; \p{N} is what it stands for.
const OTHER_DIGITS = /[^\P{N}0-9]/u;

export const PUBLISHED: Readonly<Record<string, Published>> = {
  // HuggingFaceTB/SmolLM2-135M-Instruct
  smollm: {
    normalizer: null,
    pre_tokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)),
    notCompared: OTHER_DIGITS,
  },
  // openai-community/gpt2
  'gpt-2': { normalizer: null, pre_tokenizer: byteLevel(true) },
  // Qwen/Qwen2.5-0.5B-Instruct, Qwen/Qwen3-0.6B
  qwen2: {
    normalizer: { type: 'NFC' },
    pre_tokenizer: sequence(
      isolated(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      ),
      byteLevel(false),
    ),
  },
  // meta-llama/Llama-3.2-1B-Instruct
  'llama-bpe': {
    normalizer: null,
    pre_tokenizer: sequence(
      isolated(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      ),
      byteLevel(false),
    ),
    ignore_merges: true,
  },
  // tiiuae/falcon-7b, of which llama.cpp's default is a copy but for the backtick, which it takes for no punctuation.
  default: {
    normalizer: null,
    pre_tokenizer: sequence(
      { type: 'Punctuation', behavior: 'Contiguous' },
      byteLevel(true),
      { type: 'Digits', individual_digits: false },
      isolated('[0-9][0-9][0-9]'),
    ),
    notCompared: /[^\P{N}0-9]|`/u,
  },
};
