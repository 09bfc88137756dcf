// steadytext_generate_async, its structured forms, _embed_async, _rerank_async: enqueue one request; options left out keep SQL's
// defaults.

import type { ApiConnection } from './api-connection.ts';

export interface GenerateCall {
  readonly prompt: string;
  readonly max_tokens?: number | undefined;
  readonly seed?: number | undefined;
  readonly temperature?: number | undefined;
  readonly eos_string?: string | undefined;
  readonly model?: string | undefined;
  readonly priority?: number | undefined;
  readonly idempotency_key?: string | undefined;
}

export type StructuredCall = Omit<GenerateCall, 'eos_string'>;

export interface EmbedCall {
  readonly text_input: string;
  readonly dimension?: number | undefined;
  readonly on_long_text?: string | undefined;
  readonly model?: string | undefined;
  readonly priority?: number | undefined;
  readonly idempotency_key?: string | undefined;
}

export interface RerankCall {
  readonly query: string;
  readonly documents: readonly string[];
  readonly task?: string | undefined;
  readonly model?: string | undefined;
  readonly priority?: number | undefined;
  readonly idempotency_key?: string | undefined;
}

export function enqueueGenerate(db: ApiConnection, call: GenerateCall): Promise<string> {
  return enqueue(db, 'steadytext_generate_async', { ...call });
}

/** `schema`: a schema, or a type's name, as JSON. */
export function enqueueJson(db: ApiConnection, call: StructuredCall & { readonly schema: string }): Promise<string> {
  return enqueue(db, 'steadytext_generate_json_async', { ...call });
}

export function enqueueRegex(db: ApiConnection, call: StructuredCall & { readonly pattern: string }): Promise<string> {
  return enqueue(db, 'steadytext_generate_regex_async', { ...call });
}

export function enqueueChoice(
  db: ApiConnection,
  call: StructuredCall & { readonly choices: readonly string[] },
): Promise<string> {
  return enqueue(db, 'steadytext_generate_choice_async', { ...call });
}

export function enqueueEmbed(db: ApiConnection, call: EmbedCall): Promise<string> {
  return enqueue(db, 'steadytext_embed_async', { ...call });
}

export function enqueueRerank(db: ApiConnection, call: RerankCall): Promise<string> {
  return enqueue(db, 'steadytext_rerank_async', { ...call });
}

/** Named notation: keys are the functions' own argument names, from the interfaces above and nowhere else. */
async function enqueue(db: ApiConnection, name: string, call: Readonly<Record<string, unknown>>): Promise<string> {
  const given = Object.entries(call).filter(([, value]) => value !== undefined);
  const list = given.map(([argument], index) => `${argument} => $${index + 1}`).join(', ');
  const values = given.map(([, value]) => value);
  const rows = await db.query<{ request_id: string }>(`select ${db.schema}.${name}(${list}) as request_id`, values);
  return rows[0]!.request_id;
}
