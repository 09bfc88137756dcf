// What rounding to 8 bits costs the default embedding model: its vectors beside those of the fp32 graph, over sentences written for
// this test (news, letters, manuals, recipes, database talk; two words to sixty).

import { expect, test } from 'vitest';
import type { NumberFormat } from '../../workers/inference/choose-format.ts';
import { cosine } from '../../workers/inference/encoder/pooling.ts';
import { createLocalEngine } from '../../workers/inference/local-engine.ts';
import { shippedSentences } from '../../workers/inference/measure/shipped-texts.ts';
import { describeFormats, ROWS } from '../inference/formats.ts';
import { FETCH_TIMEOUT_MS, realModel } from './real-models.ts';

const MODEL = 'all-minilm-l6-v2';
const sentences = shippedSentences();

/** Once for each format. */
const embedded = new Map<NumberFormat, Promise<readonly Float32Array[]>>();

function embedAll(format: NumberFormat): Promise<readonly Float32Array[]> {
  const known = embedded.get(format) ?? embedNow(format);
  embedded.set(format, known);
  return known;
}

async function embedNow(format: NumberFormat): Promise<readonly Float32Array[]> {
  const engine = createLocalEngine();
  try {
    await engine.load(await realModel(MODEL, format));
    return (await engine.embed({ model: MODEL, texts: sentences })).vectors;
  } finally {
    await engine.close();
  }
}

describeFormats(
  (format) => {
    test('vectors point where fp32 vectors point: median cosine ≥ 0.999, least ≥ 0.995', {
      timeout: FETCH_TIMEOUT_MS,
    }, async () => {
      expect(sentences.length).toBeGreaterThan(200);
      const [rounded, fp32] = [await embedAll(format), await embedAll('fp32')];
      const cosines = rounded.map((vector, i) => cosine(vector, fp32[i]!)).toSorted((a, b) => a - b);
      const median = cosines[cosines.length >> 1]!;
      console.info(`cosine ${format} to fp32 over ${cosines.length} sentences: median ${median}, least ${cosines[0]}`);
      expect(median).toBeGreaterThan(0.999);
      expect(cosines[0]).toBeGreaterThan(0.995);
      expect(median).toBeLessThan(1); // the two are not the same graph
    });
  },
  [ROWS, 'nb8'],
);

describeFormats((format) => {
  test('sentences of one subject are closer than others', {
    timeout: FETCH_TIMEOUT_MS,
  }, async () => {
    const index = (start: string) => sentences.findIndex((sentence) => sentence.startsWith(start));
    const [deadlock, mutex, kitten, cat] = ['A deadlock', 'A mutex', 'The kitten', 'My cat'].map(index) as number[];
    const vectors = await embedAll(format);
    const near = (a: number, b: number) => cosine(vectors[a]!, vectors[b]!);
    expect(near(deadlock!, mutex!)).toBeGreaterThan(near(deadlock!, cat!) + 0.1);
    expect(near(kitten!, cat!)).toBeGreaterThan(near(kitten!, mutex!) + 0.1);
  });
});
