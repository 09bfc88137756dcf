// Reads tables and fenced examples out of the documentation.

/** Rows of all tables of a page, cells trimmed; header and rule lines left out. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const isRule = (line: string | undefined) => /^\|[-:| ]+\|$/.test(line ?? '');
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((text) => text.trim()),
    );
}

/** Texts of the fenced blocks of one language, in order. */
export function fencedBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1]!,
  );
}

/** Relative links of a page, without their fragment. */
export function relativeLinks(markdown: string): string[] {
  return [...markdown.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!);
}
