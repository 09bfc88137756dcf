// What the server says of a statement that failed, as it stands in a message and a hint of ours.

interface ServerAnswer {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** Of an object on which much depends, the server lists the first hundred. */
const LONGEST = 2000;

/**
 * The message, and below it the detail, which names what stands in the way. That of a value or row that is refused (classes 22
 * and 23) is left out: it quotes them, and may end in the log of a deployment with a prompt in it.
 */
export function serverAnswer(error: unknown): string {
  const { code, message, detail } = error as ServerAnswer;
  if (detail === undefined || /^2[23]/.test(code ?? '')) return message;
  return `${message}\n  ${quoted(detail)}`;
}

export function withServerHint(hint: string, error: unknown): string {
  const own = (error as ServerAnswer).hint;
  return own === undefined ? hint : `${hint} The server's own hint: ${quoted(own)}`;
}

/** Its further lines are indented: the name of somebody's object may have some that look like our hint. */
function quoted(text: string): string {
  const characters = [...text];
  const told = characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')} …` : text;
  return told.replaceAll('\n', '\n  ');
}
