// Texts of real lengths for the benches: the sentences and paragraphs of this repository's own pages.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Prose paragraphs of docs/ and of the pages at the root; tables, lists, headings and code are left out. */
export function paragraphs(): string[] {
  const pages = [
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(ROOT, 'docs')).map((file) => join('docs', file)),
  ];
  return pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      readFileSync(join(ROOT, page), 'utf8')
        .replace(/^```[\s\S]*?^```/gm, '')
        .split(/\n\s*\n/),
    )
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph.length > 60 && !/^[#|>\-*\d]/.test(paragraph));
}

/** Sentences and whole paragraphs in turn, each once; when there are too few, they come again with a number before them. */
export function mixedTexts(count: number): string[] {
  const whole = paragraphs();
  const sentences = whole
    .flatMap((paragraph) => paragraph.split(/(?<=[.:;]) /))
    .filter((sentence) => sentence.length > 20);
  const mixed = [
    ...new Set(
      sentences.flatMap((sentence, i) => (i % 4 === 0 && whole[i / 4] ? [sentence, whole[i / 4]!] : [sentence])),
    ),
  ];
  return Array.from({ length: count }, (_, i) => {
    const text = mixed[i % mixed.length]!;
    return i < mixed.length ? text : `${Math.floor(i / mixed.length) + 1}. ${text}`;
  });
}

/** Sentences of at most 100 characters, each with a number before it that makes it another text. */
export function shortTexts(count: number): string[] {
  const short = paragraphs()
    .flatMap((paragraph) => paragraph.split(/(?<=[.:;]) /))
    .filter((sentence) => sentence.length > 20 && sentence.length <= 100);
  return Array.from({ length: count }, (_, i) => `${i + 1}. ${short[i % short.length]!}`);
}
