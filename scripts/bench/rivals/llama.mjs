// llama.cpp through node-llama-cpp: reads prompts given as token ids, then decodes greedily, all sequences at once; with
// `guess` by its own look-up of what the text said before.

import { getLlama, InputLookupTokenPredictor } from 'node-llama-cpp';
import { answerWith } from './answer.mjs';

let llama;
let model;

answerWith(async ({ load, prompts, tokens, threads, guess }) => {
  if (load) {
    llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
    model = await llama.loadModel({ modelPath: load });
    return { release: llama.llamaCppRelease.release };
  }
  const room = Math.max(...prompts.map((prompt) => prompt.length)) + tokens + 8;
  const context = await model.createContext({
    contextSize: room,
    sequences: prompts.length,
    threads,
    batchSize: 512,
    batching: { dispatchSchedule: 'nextCycle' },
  });
  const sequence = () => context.getSequence(guess ? { tokenPredictor: new InputLookupTokenPredictor() } : {});
  const begun = performance.now();
  /** When each token came, a list a stream. */
  const times = await Promise.all(prompts.map((prompt) => decode(sequence(), prompt, tokens, begun)));
  await context.dispose();
  return { times };
});

/** Ends with the count, not with the model's end of turn, so that both sides do the same work. */
async function decode(sequence, prompt, tokens, begun) {
  const times = [];
  for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    times.push(performance.now() - begun);
    if (times.length >= tokens) break;
  }
  return times;
}
