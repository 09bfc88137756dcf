// The request types that a worker runs.

import { embedHandler } from './embed.ts';
import { generateHandler } from './generate.ts';
import type { Handler } from './handler.ts';
import { rerankHandler } from './rerank.ts';

export const HANDLERS: readonly Handler[] = [generateHandler, embedHandler, rerankHandler];
