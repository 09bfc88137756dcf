// The texts that models are measured over. They lie beside this file in the package too (texts/, whose SOURCES.md tells where they are from).

import { readFileSync } from 'node:fs';

function read(name: string): string {
  return readFileSync(new URL(`texts/${name}`, import.meta.url), 'utf8');
}

/** Prose of some 27,000 tokens: 2,200 that were written for this, then the overviews. */
export function shippedText(): string {
  return read('text.txt') + overviews();
}

/** Of the economies of countries, some 25,000 tokens. */
export function overviews(): string {
  return read('economies.txt');
}

/** News, letters, manuals, recipes, database talk; two words to sixty, one a line. */
export function shippedSentences(): string[] {
  return read('sentences.txt').trim().split('\n');
}

/** Queries, each with documents: one that answers, some near it, some far. */
export const RANKED_TEXTS: readonly { readonly query: string; readonly documents: readonly string[] }[] = [
  {
    query: 'How long can I return an item?',
    documents: [
      'Our refund policy covers unopened items for thirty days.',
      'Parcels leave the store on the day of the order.',
      'The shop was founded by two sisters thirty years ago.',
      'Rain is expected in the north, with sunny spells along the coast.',
    ],
  },
  {
    query: 'What stops vacuum from removing dead rows?',
    documents: [
      'A transaction that stays open for hours keeps vacuum from removing dead rows.',
      'An index on the column makes the lookup fast.',
      'Dead leaves are removed from the rows between the vines in autumn.',
      'Boil the potatoes until a knife slides in easily, then drain and mash them.',
    ],
  },
  {
    query: 'when does the ferry leave',
    documents: [
      'The ferry leaves at seven and does not wait for anybody.',
      'The harbour was built when the first steamers came.',
      'Trains to the coast run every hour until midnight.',
      'She kept the letters in a biscuit tin under the stairs.',
    ],
  },
  {
    query: 'symptoms after exercise',
    documents: [
      'The patient reports mild chest pain after climbing two flights of stairs.',
      'Climbing plants need a wall that faces south.',
      'Exercise three is about the symptoms of an overloaded server.',
      'The court dismissed the appeal because it had been filed two days late.',
    ],
  },
];
