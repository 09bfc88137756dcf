// Entry point of an engine process for models of the hub.

import { serveEngine, tellChange } from '../process/serve-engine.ts';
import { createHubEngine, type HubEngineOptions } from './hub-engine.ts';

serveEngine(createHubEngine(JSON.parse(process.argv[2] ?? '{}') as HubEngineOptions, tellChange));
