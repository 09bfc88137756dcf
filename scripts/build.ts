// `npm run build [folder]`: makes the folder (dist) into a package that runs without a checkout: JavaScript, SQL files and the
// command, and says how to pack and install it. Node strips types in a checkout only, never below node_modules.

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(out, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json'), '--outDir', out], {
  stdio: 'inherit',
});
for (const path of ['bin', 'sql', 'migrations', 'LICENSE', 'README.md', 'CHANGELOG.md'])
  cpSync(join(root, path), join(out, path), { recursive: true });

const {
  scripts: _scripts,
  devDependencies: _tools,
  ...manifest
} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

// Our .npmrc does not travel with a package, and npm lets no package set the variable for those it depends on.
process.stdout.write(`Built ${out}
To install it elsewhere:
  npm pack "${out}"
  ONNXRUNTIME_NODE_INSTALL=skip npm install ./${manifest.name}-${manifest.version}.tgz
Without the variable, the install asks NuGet for CUDA files, which nothing here uses, and fails where NuGet is out of reach.
`);
