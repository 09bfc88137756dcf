// `npm run build [folder]`: makes the folder (dist) into a package that runs without a checkout: JavaScript, SQL files and the
// command, and says how to pack and install it. Node strips types in a checkout only, never below node_modules.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));

if (mayReplace(out)) build();
else {
  process.stderr.write(
    `Expected a new or empty folder, or one that an earlier build made, got ${out}; nothing in it was changed.\n` +
      'hint: Name another folder, or empty this one yourself.\n',
  );
  process.exitCode = 1;
}

function build(): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // First, so that a build that failed is known as one by the next.
  const { scripts: _scripts, devDependencies: _tools, ...manifest } = readManifest(root);
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json'), '--outDir', out], {
    stdio: 'inherit',
  });
  for (const path of ['bin', 'sql', 'migrations', 'LICENSE', 'README.md', 'CHANGELOG.md'])
    cpSync(join(root, path), join(out, path), { recursive: true });
  // What models are measured over: tsc leaves texts behind.
  const texts = join('workers', 'inference', 'measure', 'texts');
  cpSync(join(root, texts), join(out, texts), { recursive: true });
  process.stdout.write(nextSteps(`${manifest.name}-${manifest.version}.tgz`));
}

/** Our .npmrc does not travel with a package, and npm lets no package set the variable for those it depends on. */
function nextSteps(packed: string): string {
  return `Built ${out}
To install it elsewhere:
  npm pack "${out}"
  ONNXRUNTIME_NODE_INSTALL=skip npm install ./${packed}
Without the variable, the install asks NuGet for CUDA files, which nothing here uses, and fails where NuGet is out of reach.
`;
}

/** A build has our package.json without what only a checkout has, and no work of anybody's beside it. */
function mayReplace(folder: string): boolean {
  if (!existsSync(folder)) return true;
  if (!statSync(folder).isDirectory()) return false;
  const names = readdirSync(folder);
  if (names.length === 0) return true;
  if (!names.includes('package.json') || names.includes('.git') || names.includes('tsconfig.json')) return false;
  const { name, devDependencies } = readManifest(folder);
  return name === readManifest(root).name && devDependencies === undefined;
}

function readManifest(folder: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
