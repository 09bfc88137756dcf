// Bytes that must come: as tokens that need no run of the model.

import { type ByteDfa, DEAD } from '../automata/byte-dfa.ts';
import type { Expressions } from '../expression/expressions.ts';
import type { Expression, Leaf } from '../expression/node.ts';
import { branchesOf, stepOf } from '../expression/steps.ts';
import { BETWEEN, QUOTE } from '../json-characters.ts';
import { longestMatches } from './literal-costs.ts';
import type { Masks } from './masks.ts';
import type { Vocabulary } from './vocabulary.ts';

const MOST_BYTES = 4_096;

/**
 * The tokenizer's own tokens of the bytes, or the longest ones. The last of them are left to the model where a token could
 * reach over the end of what is forced: it may have learnt to write `":"` as one.
 */
export function forcedTokens(all: Expressions, masks: Masks, vocabulary: Vocabulary, from: Expression): number[] {
  const bytes: number[] = [];
  let node = from;
  for (let byte = onlyByte(all, node); byte >= 0 && bytes.length < MOST_BYTES; byte = onlyByte(all, node)) {
    bytes.push(byte);
    node = stepOf(all, node, byte)!;
  }
  if (bytes.length === 0) return [];
  const forced = Buffer.from(bytes);
  const tokens = written(vocabulary, forced);
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    const found = nodeOf(vocabulary, forced.subarray(at));
    if (found >= 0 && masks.goesOn(node, found)) return tokens.slice(0, i);
    at += vocabulary.bytesOf(token)!.length;
  }
  return tokens;
}

function written(vocabulary: Vocabulary, forced: Buffer): number[] {
  const text = forced.toString();
  const own = vocabulary.encode && Buffer.from(text).equals(forced) ? [...vocabulary.encode(text)] : [];
  const bytes = own.map((token) => vocabulary.bytesOf(token) ?? Buffer.alloc(0));
  const isSame = bytes.every((part) => part.length > 0) && Buffer.concat(bytes).equals(forced);
  return isSame ? own : longestMatches(vocabulary, forced);
}

function nodeOf(vocabulary: Vocabulary, bytes: Buffer): number {
  if (bytes.length >= vocabulary.longest) return -1;
  let node = 0;
  for (const byte of bytes) {
    node = vocabulary.child(node, byte);
    if (node < 0) return -1;
  }
  return node;
}

/** The byte that must come, or −1. */
function onlyByte(all: Expressions, node: Expression): number {
  if (node.canEnd) return -1;
  let only = -1;
  for (const { leaf } of branchesOf(all, node)) {
    const byte = onlyByteOf(leaf);
    if (byte < 0 || (only >= 0 && byte !== only)) return -1;
    only = byte;
  }
  return only;
}

function onlyByteOf(leaf: Leaf): number {
  if (leaf.kind === 'literal') return leaf.bytes[leaf.at]!;
  if (leaf.kind === 'automaton') return soleByte(leaf.dfa, leaf.state);
  return leaf.max === 0 && leaf.character === BETWEEN ? QUOTE : -1;
}

function soleByte({ next, classes, classOf }: ByteDfa, state: number): number {
  let only = -1;
  for (let c = 0; c < classes; c++) {
    if (next[state * classes + c] === DEAD) continue;
    if (only >= 0) return -1;
    only = c;
  }
  const byte = classOf.indexOf(only);
  return classOf.lastIndexOf(only) === byte ? byte : -1;
}
