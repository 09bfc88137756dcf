// transformers.js as its users have text from it: `generate` of a causal model, greedy, over prompts given as token ids of equal lengths.

import { basename, dirname } from 'node:path';
import { AutoModelForCausalLM, env, StoppingCriteria, Tensor } from '@huggingface/transformers';
import { answerWith } from '../answer.mjs';

env.allowRemoteModels = false;
let model;

/** Stops nothing; it is asked after each step. */
class Clock extends StoppingCriteria {
  times = [];
  begun = performance.now();

  _call(streams) {
    this.times.push(performance.now() - this.begun);
    return streams.map(() => false);
  }
}

answerWith(async ({ load, prompts, tokens }) => {
  if (load) {
    env.localModelPath = dirname(load);
    model = await AutoModelForCausalLM.from_pretrained(basename(load), { dtype: 'fp32' });
    return { version: env.version };
  }
  const dims = [prompts.length, prompts[0].length];
  const clock = new Clock();
  const output = await model.generate({
    input_ids: new Tensor('int64', BigInt64Array.from(prompts.flat(), BigInt), dims),
    attention_mask: new Tensor('int64', new BigInt64Array(dims[0] * dims[1]).fill(1n), dims),
    max_new_tokens: tokens,
    min_new_tokens: tokens,
    do_sample: false,
    stopping_criteria: clock,
  });
  /** Milliseconds from the start to each step, and the tokens of the first answer. */
  return { times: clock.times, answer: output.tolist()[0].slice(dims[1]).map(Number) };
});
