// Entry point of an engine process.

import type { EngineOptions } from '../local-engine.ts';
import { createLocalEngine } from '../local-engine.ts';
import { serveEngine, tellChange } from './serve-engine.ts';

serveEngine(createLocalEngine(JSON.parse(process.argv[2] ?? '{}') as EngineOptions, tellChange));
