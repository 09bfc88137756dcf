// Words in place of an answer, for systems that would rather show something than fail: a function of the prompt alone, which
// no model has seen. They say so in their first sentence.

import { createHash } from 'node:crypto';

const NOTICE = 'No model was there to answer this.';

/** Common ones, each of one word for whoever counts. */
const WORDS = (
  'about after again along always among another around because before behind below beside between beyond both bring build by call ' +
  'carry change clear close cold come corner count cover cross day deep door down draw early earth east each empty end enough even ' +
  'every far few field find first flow follow form found free full garden give go good green ground grow half hand hear here high ' +
  'hold home hour house idea inside keep kind land large last late learn leave less letter light line little long look low make many ' +
  'mark may measure middle moon more morning most move near new next night north number often old once only open order other outside'
).split(' ');

const FEWEST = 40;
const MORE = 41;

export interface FallbackText {
  readonly text: string;
  readonly words: number;
  /** Whether it would have gone on. */
  readonly cut: boolean;
}

/** At most so many words; 40 to 80 where there may be as many. The same prompt gives the same, on every machine. */
export function fallbackText(prompt: string, mostWords: number): FallbackText {
  const draw = drawsOf(prompt);
  const wanted = FEWEST + (draw() % MORE);
  const notice = NOTICE.split(' ');
  const words = Array.from({ length: wanted }, (_, i) => notice[i] ?? WORDS[draw() % WORDS.length]!).slice(
    0,
    mostWords,
  );
  return { text: words.join(' '), words: words.length, cut: wanted > mostWords };
}

/** Whole numbers below 2³²: sha256 over the prompt and a counter, eight at a time. */
function drawsOf(prompt: string): () => number {
  let block = Buffer.alloc(0);
  let counter = 0;
  let at = 0;
  return () => {
    if (at === block.length) {
      block = createHash('sha256').update(prompt, 'utf8').update(`\0${counter++}`).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4);
  };
}
