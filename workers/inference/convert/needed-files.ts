// The settings without which an encoder cannot be converted.

import type { SourceFiles } from '../store/model-store.ts';
import { unsupported } from './read/source-errors.ts';

export function neededFiles(path: string, sourceFiles: SourceFiles, what: string) {
  const { config, tokenizer, tokenizer_config } = sourceFiles;
  if (config && tokenizer && tokenizer_config) return { config, tokenizer, tokenizer_config };
  throw unsupported(
    path,
    `expected files of the roles config, tokenizer and tokenizer_config beside the weights of ${what}, ` +
      `got ${Object.keys(sourceFiles).join(', ')}`,
  );
}
