// What a result says of itself: where it came from, what it was made of, and the hashes by which a second run is compared.
// Equal origins promise equal outputs for equal inputs and parameters.

import { createHash } from 'node:crypto';
import type { EngineDescription, LoadedModel, ServedModel } from '../inference/engine.ts';

export type Receipt = Readonly<Record<string, unknown>>;

/** What made the result; the same for all that an engine makes with a model. */
export function originOf(engine: EngineDescription, model: LoadedModel): Receipt {
  return Object.freeze({
    model: model.name,
    digest: model.digest,
    format: model.format,
    converter: model.converterVersion,
    engine: engine.engineVersion,
    onnxruntime: engine.onnxruntimeVersion,
    cpu_class: engine.cpuClass,
    longest: model.maxTokens,
    ...(model.deterministic === false && { deterministic: false }),
  });
}

/** Of what a provider made: by which model of its own, it says with each answer, and nothing promises that it comes again. */
export function providerOrigin(provider: string, { name }: ServedModel): Receipt {
  return Object.freeze({ model: name, provider, deterministic: false });
}

/** Of words that no model made: the same words come again for the same prompt. */
export function fallbackOrigin(model: string): Receipt {
  return Object.freeze({ model, fallback: true });
}

/** Which model a provider says has answered, where it says that. */
export function answeredBy({ answeredBy: model }: { readonly answeredBy?: string }): Receipt {
  return model === undefined ? {} : { answered_by: model };
}

export interface Run {
  /** The prompt; of a rerank the query and then the documents. */
  readonly texts: readonly string[];
  /** As the engine got them. Of equal origins all are compared: one that comes later is not written where it has its default. */
  readonly parameters: Receipt;
  readonly output: string | Float32Array;
  readonly tokensIn: number;
  readonly tokensOut?: number;
  /** What has to be known of this result beside: that its input was cut, how its text ended. */
  readonly flags?: Receipt;
}

export function receiptOf(origin: Receipt, { texts, parameters, output, tokensIn, tokensOut, flags }: Run): Receipt {
  return {
    ...origin,
    parameters,
    input: inputHash(texts),
    output: outputHash(output),
    tokens_in: tokensIn,
    ...(tokensOut === undefined ? {} : { tokens_out: tokensOut }),
    ...flags,
  };
}

/** Silence would hide it: a vector or a score of a part of the text is told to be one. */
export function truncation(truncated: boolean): Receipt {
  return truncated ? { truncated } : {};
}

/** sha256 (hex) over each text in UTF-8, with its length in octets before it in eight bytes. `input_hash` in SQL is the same. */
export function inputHash(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}

/** sha256 (hex) of a text in UTF-8, or of a vector's 32-bit floats. `output_hash` in SQL is the same. */
export function outputHash(output: string | Float32Array): string {
  if (typeof output === 'string') return createHash('sha256').update(output, 'utf8').digest('hex');
  const bytes = Buffer.alloc(4 * output.length);
  for (const [i, value] of output.entries()) bytes.writeFloatBE(value, 4 * i);
  return createHash('sha256').update(bytes).digest('hex');
}
