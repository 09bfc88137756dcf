// What a place says of a model's licence. It is told to the user, and decides nothing.

/** `license: …` of the front matter of a model's card (README.md). */
export function licenceOfCard(card: string): string | undefined {
  const [, front] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card) ?? [];
  return shown(/^licen[cs]e:[ \t]*["']?([^"'\r\n#]+)/m.exec(front ?? '')?.[1]);
}

/** Of a Python package's METADATA: of the package, which its model need not share. */
export function licenceOfPackage(metadata: string): string | undefined {
  const [head] = metadata.split(/\r?\n\r?\n/, 1);
  const licence = /^License-Expression: *(.+)$/m.exec(head ?? '')?.[1] ?? /^License: *(.+)$/m.exec(head ?? '')?.[1];
  const known = shown(licence);
  return known === undefined ? undefined : `${known} (of the package)`;
}

export function shown(licence: unknown): string | undefined {
  if (typeof licence !== 'string') return undefined;
  const line = licence.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ').trim();
  return line === '' ? undefined : line.slice(0, 80);
}
