// Makes expressions: equal ones once, with the rewritings that keep states few and never change what they cost to end.

import type { ByteDfa } from '../automata/byte-dfa.ts';
import { type Place, united } from '../automata/unite.ts';
import { BETWEEN } from '../json-characters.ts';
import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge, tooManyAutomata } from '../refusals.ts';
import type { Expression, Shape } from './node.ts';

/** Alternatives inside alternatives become one list up to so many. */
const FEW = 64;
const PLACE = 'the constraint';

export class Expressions {
  readonly end: Expression;
  readonly #table = new Map<string, Expression>();
  readonly #texts = new Map<string, Uint8Array>();
  /** What was too large is remembered too: the same patterns may be at many places. */
  readonly #unions = new Map<string, ByteDfa | undefined>();
  readonly #buffers = new WeakMap<Uint8Array, number>();
  #buffersSeen = 0;
  readonly #fuel: Fuel;
  #lastId = 0;
  /** Those of the compiled constraint, once it is: they are kept. */
  #compiled: ReadonlyMap<string, Expression> | undefined;
  readonly #room: number;

  /** While compiling, too many nodes are refused; while generating, there is room for so many more before they are forgotten. */
  constructor(fuel: Fuel, room: number = LIMITS.nodes) {
    this.#fuel = fuel;
    this.#room = room;
    this.end = this.#node('', { kind: 'end' }, true);
  }

  finish(): void {
    this.#compiled = new Map(this.#table);
  }

  text(text: string): Expression {
    return this.literal(Buffer.from(text), 0);
  }

  literal(bytes: Uint8Array, at: number): Expression {
    if (at === bytes.length) return this.end;
    const own = at === 0 ? this.#interned(bytes) : bytes;
    return this.#node(`l${this.#buffers.get(own)},${at}`, { kind: 'literal', bytes: own, at }, false);
  }

  automaton(dfa: ByteDfa, state = 0): Expression {
    if (dfa.final[state]) return this.end;
    return this.#node(`a${dfa.id},${state}`, { kind: 'automaton', dfa, state }, dfa.accepting[state] === 1);
  }

  string(min: number, max: number, character = BETWEEN): Expression {
    return this.#node(`s${character},${min},${max}`, { kind: 'string', character, min, max }, false);
  }

  sequence(head: Expression, rest: Expression): Expression {
    if (head === this.end) return rest;
    if (rest === this.end) return head;
    // To the right, so that alternatives show what they have in common.
    const { shape } = head;
    if (shape.kind === 'sequence') return this.sequence(shape.head, this.sequence(shape.rest, rest));
    return this.#node(`q${head.id},${rest.id}`, { kind: 'sequence', head, rest }, head.canEnd && rest.canEnd);
  }

  /** One after the other; neighbouring literals become one, which has fewer tokens. */
  all(parts: readonly (Expression | string)[]): Expression {
    let result = this.end;
    let text = '';
    for (const part of [...parts].reverse()) {
      if (typeof part === 'string') text = part + text;
      else {
        result = this.sequence(part, this.#before(text, result));
        text = '';
      }
    }
    return this.#before(text, result);
  }

  #before(text: string, rest: Expression): Expression {
    const { shape } = rest;
    const [next, after] = shape.kind === 'sequence' ? [shape.head, shape.rest] : [rest, this.end];
    if (text === '' || next.shape.kind !== 'literal') return this.sequence(this.text(text), rest);
    const joined = Buffer.concat([Buffer.from(text), next.shape.bytes.subarray(next.shape.at)]);
    return this.sequence(this.literal(joined, 0), after);
  }

  /** Any of some. Those with the same head share it: else readings of nested alternatives would multiply. */
  either(options: readonly Expression[]): Expression {
    const flat = new Set(options.flatMap((option) => flattened(option)));
    if (!this.#compiled) this.#fuel.spend(10 * (options.length + flat.size), PLACE);
    const rests = new Map<Expression, Expression[]>();
    for (const option of flat) {
      const [head, rest] = cut(option, this.end);
      rests.set(head, [...(rests.get(head) ?? []), rest]);
    }
    if (rests.size < flat.size)
      return this.either(
        [...rests].map(([head, all]) => this.sequence(head, all.length > 1 ? this.either(all) : all[0]!)),
      );
    if (!this.#compiled) {
      const merged = this.#merged([...flat]);
      if (merged.length < flat.size) return this.either(merged);
    }
    const sorted = [...flat].sort((a, b) => a.id - b.id);
    if (sorted.length === 1) return sorted[0]!;
    const name = `e${sorted.map(({ id }) => id).join()}`;
    return this.#node(
      name,
      { kind: 'either', options: sorted },
      sorted.some(({ canEnd }) => canEnd),
    );
  }

  /** Automata of which the same follows as one, where that is not too large; too many that differ are refused. */
  #merged(options: readonly Expression[]): readonly Expression[] {
    const groups = new Map<Expression, Place[]>();
    const others: Expression[] = [];
    for (const option of options) {
      const [head, rest] = cut(option, this.end);
      if (head.shape.kind === 'automaton') groups.set(rest, [...(groups.get(rest) ?? []), head.shape]);
      else others.push(option);
    }
    const merged = [...groups].flatMap(([rest, places]) => {
      const one = places.length > 1 ? this.#united(places) : undefined;
      const automata = one ? [this.automaton(one)] : places.map(({ dfa, state }) => this.automaton(dfa, state));
      return automata.map((automaton) => this.sequence(automaton, rest));
    });
    if (merged.length > LIMITS.automata) throw tooManyAutomata(merged.length);
    return [...others, ...merged];
  }

  #united(places: readonly Place[]): ByteDfa | undefined {
    const name = places.map(({ dfa, state }) => `${dfa.id},${state}`).join();
    if (!this.#unions.has(name)) this.#unions.set(name, united(places, this.#fuel, PLACE));
    return this.#unions.get(name);
  }

  /** The part must not be able to be empty. */
  repeat(of: Expression, min: number, max: number): Expression {
    if (max === 0) return this.end;
    return this.#node(`r${of.id},${min},${max}`, { kind: 'repeat', of, min, max }, min === 0);
  }

  #interned(bytes: Uint8Array): Uint8Array {
    const key = Buffer.from(bytes).toString('latin1');
    if (!this.#texts.has(key)) {
      this.#texts.set(key, bytes);
      this.#buffers.set(bytes, ++this.#buffersSeen);
    }
    return this.#texts.get(key)!;
  }

  #node(name: string, shape: Shape, canEnd: boolean): Expression {
    const known = this.#table.get(name);
    if (known) return known;
    if (!this.#compiled) this.#fuel.spend(200, PLACE);
    if (!this.#compiled && this.#table.size >= LIMITS.nodes) throw tooLarge(PLACE, `more than ${LIMITS.nodes} parts`);
    if (this.#compiled && this.#table.size >= this.#compiled.size + this.#room) this.#forget(this.#compiled);
    const node: Expression = { id: ++this.#lastId, shape, canEnd, steps: undefined, branches: undefined };
    this.#table.set(name, node);
    return node;
  }

  /** Nodes that are in use stay right; they are only not recognised any more as equal to ones made from now on. */
  #forget(kept: ReadonlyMap<string, Expression>): void {
    for (const node of this.#table.values()) Object.assign(node, { steps: undefined, branches: undefined });
    this.#table.clear();
    for (const [name, node] of kept) this.#table.set(name, node);
  }
}

function cut(option: Expression, end: Expression): [head: Expression, rest: Expression] {
  const { shape } = option;
  return shape.kind === 'sequence' ? [shape.head, shape.rest] : [option, end];
}

/** Not of many: hundreds of optional properties would be listed again at each of them. */
function flattened(option: Expression): readonly Expression[] {
  const { shape } = option;
  return shape.kind === 'either' && shape.options.length <= FEW ? shape.options : [option];
}
