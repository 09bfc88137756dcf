// Loaded before an engine by `generate`: its sessions get as many threads as BENCH_THREADS says. No worker runs so, since one
// thread is part of the promise of equal bytes; the bench tells what that costs.

import { InferenceSession } from 'onnxruntime-node';
import { environment } from '../../../workers/config.ts';

type Create = (file: string, options: InferenceSession.SessionOptions) => Promise<InferenceSession>;

const create: Create = InferenceSession.create;
const intraOpNumThreads = Number(environment().BENCH_THREADS);
const withThreads: Create = (file, options) => create.call(InferenceSession, file, { ...options, intraOpNumThreads });

Object.assign(InferenceSession, { create: withThreads });
