// What text an engine takes: well-formed Unicode without NUL, so that what was asked can be stored and tokenised as it is.

import { SteadyTextError } from '../../errors.ts';

const CLEAN = 'Texts must be valid Unicode without NUL characters; clean the text before it is sent.';

export function checkText(text: unknown, what: string): asserts text is string {
  if (typeof text !== 'string')
    throw refuse(`a text as ${what}`, `a value of type ${text === null ? 'null' : typeof text}`);
  if (!text.isWellFormed())
    throw refuse(`Unicode as ${what}`, `half a surrogate pair at ${loneSurrogate(text)}`, CLEAN);
  const nul = text.indexOf('\0');
  if (nul >= 0) throw refuse(`text without NUL as ${what}`, `a NUL character at ${nul}`, CLEAN);
}

/** Checks a list that needs at least one text. */
export function checkTexts(texts: unknown, what: string): asserts texts is readonly string[] {
  if (!Array.isArray(texts)) throw refuse(`a list of texts as ${what}`, `a value of type ${typeof texts}`);
  if (texts.length === 0) throw refuse(`at least one text in ${what}`, 'an empty list');
  for (const [i, text] of texts.entries()) checkText(text, `${what}[${i}]`);
}

function loneSurrogate(text: string): number {
  let position = 0;
  for (const character of text) {
    if (!character.isWellFormed()) break;
    position += character.length;
  }
  return position;
}

function refuse(expected: string, came: string, hint?: string): SteadyTextError {
  return new SteadyTextError('InvalidInput', `expected ${expected}, ${came} came`, hint === undefined ? {} : { hint });
}
