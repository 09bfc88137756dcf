// Texts of users as a terminal may show them. As they are, they could clear the screen, set its title, hide what went before
// or turn the order of a line round; whoever reads them is often an administrator.

/** C0 but tab and line feed, DEL and C1, and what overrides or isolates the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COMMANDS_TO_A_TERMINAL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** With \x1B in place of an escape character, and so on. What CSV carries goes to programs and is left alone. */
export function visibleText(text: string): string {
  return text.replace(COMMANDS_TO_A_TERMINAL, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** For the middle of a line, which ends where we end it. */
export function visibleInLine(text: string): string {
  return visibleText(text).replaceAll('\n', '\\x0A');
}

/** In JSON they are within strings only: C0 is escaped there by JSON's own rules. */
const COMMANDS_IN_JSON = /[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** JSON that says the same and that a terminal may show. */
export function visibleJson(json: string): string {
  return json.replace(COMMANDS_IN_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
