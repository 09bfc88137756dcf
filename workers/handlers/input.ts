// Reads a request's params: what they may be is said by a schema, what is wrong with them in one sentence.

import { z } from 'zod';
import { SteadyTextError } from '../errors.ts';
import type { ClaimedRequest } from '../queue/types.ts';

export const seed = z.int().default(42);

export function parseParams<Schema extends z.ZodType>(schema: Schema, request: ClaimedRequest): z.output<Schema> {
  const parsed = schema.safeParse(request.params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.join('.') || 'params';
  const got = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
    request.params,
  );
  throw new SteadyTextError('InvalidInput', `${field}: ${issue.message}, got ${brief(got)}`);
}

export function requiredPrompt(request: ClaimedRequest, what: string): string {
  if (request.prompt !== null && request.prompt.trim() !== '') return request.prompt;
  throw new SteadyTextError(
    'InvalidInput',
    `expected a ${what}, got ${request.prompt === null ? 'null' : 'an empty text'}`,
  );
}

/** Kinds and numbers only: a params value may hold a user's text. */
function brief(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return value === undefined ? 'nothing' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
