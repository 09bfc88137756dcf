// The request types that a worker runs.

import { deduplicateFactsHandler } from './deduplicate-facts.ts';
import { embedHandler } from './embed.ts';
import { extractFactsHandler } from './extract-facts.ts';
import { generateHandler } from './generate.ts';
import type { Handler } from './handler.ts';
import { rerankHandler } from './rerank.ts';
import { summarizeHandler } from './summarize.ts';

export const HANDLERS: readonly Handler[] = [
  ...[generateHandler, embedHandler, rerankHandler],
  ...[summarizeHandler, extractFactsHandler, deduplicateFactsHandler],
];
