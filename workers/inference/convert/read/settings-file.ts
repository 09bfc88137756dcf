// Reads a JSON file beside a model's weights, as far as a schema knows it.

import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { corrupt } from './source-errors.ts';

export function readSettings<T>(path: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw corrupt(path, 'expected JSON, got something else');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw corrupt(path, `${field.join('.') || 'settings'}: ${message}`);
}
