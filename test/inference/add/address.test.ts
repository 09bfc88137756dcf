// What `models add` takes as the address of a model.

import { expect, test } from 'vitest';
import { parseAddress } from '../../../workers/inference/add/address.ts';

test.for([
  ['./model.gguf', { kind: 'disk', path: './model.gguf' }],
  ['/srv/my models/é', { kind: 'disk', path: '/srv/my models/é' }],
  ['hf', { kind: 'disk', path: 'hf' }],
  ['hf:BAAI/bge-small-en-v1.5', { kind: 'hub', repo: 'BAAI/bge-small-en-v1.5', revision: 'main', inner: '' }],
  ['hf:a/b@refs/pr/1', { kind: 'hub', repo: 'a/b', revision: 'refs/pr/1', inner: '' }],
  ['hf:a/b@v1#onnx/model.onnx', { kind: 'hub', repo: 'a/b', revision: 'v1', inner: 'onnx/model.onnx' }],
  ['pypi:a-b==1.0#a_b/model/', { kind: 'package', name: 'a-b', version: '1.0', inner: 'a_b/model' }],
] as const)('%s', ([address, parsed]) => {
  expect(parseAddress(address)).toEqual(parsed);
});

test.for([
  '',
  '  ',
  'hf:',
  'hf:bert',
  'hf:a/b/c',
  'hf:../etc',
  'hf:a/..',
  'hf:a/b@..',
  'hf:a/b@main@main',
  'hf:a/b#../../etc/passwd',
  'hf:a/b#/etc/passwd',
  'hf:a/b?x=1',
  'pypi:name',
  'pypi:name==1.0',
  'pypi:name>=1.0#x',
  'pypi:-r==1#x',
  'pypi:name==1.0#a b',
  'https://huggingface.co/a/b',
  'file:///tmp',
  'a\0b',
])('%j is refused with what is expected', (address) => {
  expect(() => parseAddress(address)).toThrow(
    expect.objectContaining({ name: 'InvalidOption', message: expect.stringMatching(/^expected .*, got "/s) }),
  );
});
