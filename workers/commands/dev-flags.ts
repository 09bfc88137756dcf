// What `steadytext dev` is asked for, checked before anything starts: every problem at once, with those of the configuration.

import type { Config } from '../config.ts';
import { isServerVersion, SERVER_VERSIONS, type ServerVersion } from '../dev/binaries.ts';
import { isSteadyTextError, SteadyTextError } from '../errors.ts';
import { type CommandContext, readConfig } from './context.ts';

/** As they came. */
export interface DevNumbers {
  readonly pg: string;
  readonly port?: string;
  readonly engines?: string;
  readonly with?: string;
}

export interface DevSettings {
  readonly config: Config;
  readonly version: ServerVersion;
  readonly port: number | undefined;
  readonly withVector: boolean;
}

export function readDevSettings(
  context: CommandContext,
  { pg, port, engines, with: extension }: DevNumbers,
): DevSettings {
  const problems: string[] = [];
  const version = Number(pg);
  if (!isServerVersion(version)) problems.push(`--pg: expected ${listed(SERVER_VERSIONS)}, got ${JSON.stringify(pg)}`);
  if (port !== undefined && !isPort(port))
    problems.push(`--port: expected a port from 1 to 65535, got ${JSON.stringify(port)}`);
  if (extension !== undefined && extension !== 'vector')
    problems.push(`--with: expected vector, got ${JSON.stringify(extension)}`);
  else if (extension !== undefined && version !== 18)
    problems.push('--with vector: expected --pg 18, the only one that it can be had for');
  const config = orProblems(() => readConfig(context, { engines }), problems);
  if (config !== undefined && isServerVersion(version) && problems.length === 0)
    return {
      ...{ config, version, port: port === undefined ? undefined : Number(port) },
      withVector: extension !== undefined,
    };
  throw new SteadyTextError('InvalidConfiguration', problems.join('\n'), {
    hint: 'Leave --pg out for the newest server, and --port for one that is free; docs/configuration.md has the variables.',
  });
}

function orProblems<T>(read: () => T, problems: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isSteadyTextError(error, 'InvalidConfiguration')) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function listed(versions: readonly number[]): string {
  return `${versions.slice(0, -1).join(', ')} or ${versions.at(-1)}`;
}
