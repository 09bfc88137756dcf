// What `models add` is given, taken apart: a path on this machine, hf:owner/name[@revision][#path], or
// pypi:name==version#path.

import { SteadyTextError } from '../../errors.ts';

export type ModelAddress =
  | { readonly kind: 'disk'; readonly path: string }
  | { readonly kind: 'hub'; readonly repo: string; readonly revision: string; readonly inner: string }
  | { readonly kind: 'package'; readonly name: string; readonly version: string; readonly inner: string };

const HUB =
  /^(?<repo>[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(?<revision>[\w.-]+(?:\/[\w.-]+)*))?(?:#(?<inner>.+))?$/;
const PACKAGE = /^(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*)#(?<inner>.+)$/;
/** As in a manifest (store/manifest-schema.ts): no way up and none out. */
const INNER = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.+-]*(\/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$/;

export function parseAddress(address: string): ModelAddress {
  const [, scheme, rest] = /^([a-z]+):(.*)$/s.exec(address) ?? [];
  if (scheme === 'hf') {
    const { repo, revision = 'main', inner = '' } = HUB.exec(rest!)?.groups ?? {};
    if (repo === undefined || repo.includes('..') || revision.includes('..'))
      throw wrong('hf:owner/name, hf:owner/name@revision or hf:owner/name#path/of/a/file', address);
    return { kind: 'hub', repo, revision, inner: checkedInner(inner, address) };
  }
  if (scheme === 'pypi') {
    const { name, version, inner } = PACKAGE.exec(rest!)?.groups ?? {};
    if (name === undefined || version === undefined || inner === undefined)
      throw wrong('pypi:name==version#path/inside/the/package', address);
    return { kind: 'package', name, version, inner: checkedInner(inner, address) };
  }
  if (scheme !== undefined)
    throw wrong('a path, hf:owner/name or pypi:name==version#path', address, 'A path may begin with "./".');
  if (address.trim() === '' || address.includes('\0'))
    throw wrong('a path, hf:owner/name or pypi:name==version#path', address);
  return { kind: 'disk', path: address };
}

function checkedInner(inner: string, address: string): string {
  const path = inner.replace(/\/+$/, '');
  if (path !== '' && !INNER.test(path))
    throw wrong('a relative path of letters, digits, ".", "_", "+" and "-" after "#", without ".."', address);
  return path;
}

function wrong(expected: string, got: string, hint = 'docs/models.md has examples of each.'): SteadyTextError {
  return new SteadyTextError('InvalidOption', `expected ${expected}, got ${JSON.stringify(got)}`, { hint });
}
