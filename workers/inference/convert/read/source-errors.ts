// What is said of a model file that cannot be converted: it is damaged, of a kind that the converter does not know, or gone.

import { SteadyTextError } from '../../../errors.ts';

export function corrupt(path: string, what: string): SteadyTextError {
  return new SteadyTextError('ModelCorrupt', `${path}: ${inOneLine(what)}`, {
    // The store gives out no file of another digest than the manifest's, so fetching again is no remedy.
    hint: 'The manifest pins this file as it is. Give it sha256 and bytes of a whole one (docs/models.md), and pull again.',
  });
}

export function unsupported(path: string, what: string): SteadyTextError {
  return new SteadyTextError('ModelUnsupported', `${path}: ${inOneLine(what)}`, {
    hint: 'Bring the model in one of the forms that are known, or choose another one: docs/models.md says how.',
  });
}

/** The store had checked the files: somebody removed them since (`models remove`), or this user may not read them. */
export function unreadable(model: string, { message }: NodeJS.ErrnoException): SteadyTextError {
  return new SteadyTextError('ModelUnavailable', `Model ${model}: expected its source files, but ${message}`, {
    hint: `If they were removed meanwhile, \`steadytext models pull ${model}\` fetches them again; else let this user read them.`,
  });
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Names come from the file, and those of a damaged one can be anything. */
function inOneLine(what: string): string {
  const printable = what.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '·');
  return printable.length > 400 ? `${printable.slice(0, 300)} … ${printable.slice(-90)}` : printable;
}
