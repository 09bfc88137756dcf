// Runs a rival in a process of its own, one question at a time.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NO_TELEMETRY } from '../../../workers/inference/no-telemetry.ts';

export interface Rival {
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

export function startRival(script: string): Rival {
  const child = fork(join(import.meta.dirname, script), {
    serialization: 'advanced',
    env: { ...process.env, ...NO_TELEMETRY },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then(() => {
    throw new Error(`Expected ${script} to answer, its process ended.`);
  });
  gone.catch(() => undefined);
  return {
    async ask<Answer>(question: object) {
      child.send(question);
      const [answer] = await Promise.race([once(child, 'message'), gone]);
      if ((answer as { error?: string }).error) throw new Error(`${script}: ${(answer as { error: string }).error}`);
      return answer as Answer;
    },
    async stop() {
      child.kill('SIGKILL');
      await gone.catch(() => undefined);
    },
  };
}
