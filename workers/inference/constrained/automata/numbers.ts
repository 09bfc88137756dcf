// Numbers in a range, as an automaton over their digits: compared with the bounds digit by digit, so exact.

import { type Fuel, LIMITS } from '../limits.ts';
import { tooLarge } from '../refusals.ts';
import { type ByteDfa, byteDfa } from './byte-dfa.ts';
import { trimmed } from './text-dfa.ts';

/** Digits before and behind the point together: so many are exact in a double, whichever they are. */
export const DIGITS = 15;
/** With one more, integers are exact up to this one. They have it only where a bound is beyond what 15 digits can write. */
const LARGEST = Number.MAX_SAFE_INTEGER;

export interface NumberRange {
  readonly integer: boolean;
  readonly low: Bound | undefined;
  readonly high: Bound | undefined;
  /** A whole number; more than one only for integers. */
  readonly multipleOf: number;
}

export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** What is known of a number after some of its characters. */
interface Read {
  readonly negative: boolean;
  readonly part: 'start' | 'sign' | 'zero' | 'whole' | 'point' | 'fraction';
  readonly whole: number;
  readonly fraction: number;
  /** How the digits so far compare with as many of a bound's: −1, 0 or 1. */
  readonly toLow: number;
  readonly toHigh: number;
  readonly remainder: number;
  /** False for a minus with nothing but zeros after it. */
  readonly nonZero: boolean;
}

const START: Read = {
  negative: false,
  part: 'start',
  whole: 0,
  fraction: 0,
  toLow: 0,
  toHigh: 0,
  remainder: 0,
  nonZero: true,
};

/** Undefined when there is no number in the range. */
export function numbersIn(asked: NumberRange, fuel: Fuel, place: string): ByteDfa | undefined {
  const range = withDigits(asked);
  const bounds = { low: digitsOf(range.low), high: digitsOf(range.high) };
  const reads: Read[] = [START];
  const known = new Map([[nameOf(START), 0]]);
  const edges: number[][] = [];
  for (let state = 0; state < reads.length; state++) {
    const ways: number[] = [];
    for (const byte of [0x2d, 0x2e, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39]) {
      fuel.spend(10, place);
      const read = after(reads[state]!, byte, range, bounds);
      if (!read) continue;
      const name = nameOf(read);
      if (!known.has(name)) known.set(name, reads.push(read) - 1);
      ways.push(byte, byte, known.get(name)!);
    }
    edges.push(ways);
    if (reads.length > LIMITS.byteStates) throw tooLarge(place, `numbers of more than ${LIMITS.byteStates} states`);
  }
  const alive = trimmed({ edges, accepting: reads.map((read) => isIn(read, range, bounds)) });
  return alive && byteDfa(alive, fuel, place);
}

type Numbers = NumberRange & { readonly digits: number };

function withDigits(range: NumberRange): Numbers {
  const { low, high } = range;
  const isLarge = [low, high].some((bound) => bound && Math.abs(bound.value) >= 10 ** DIGITS);
  if (!range.integer || !isLarge) return { ...range, digits: DIGITS };
  return {
    ...range,
    digits: DIGITS + 1,
    low: low && low.value >= -LARGEST ? low : { value: -LARGEST, exclusive: false },
    high: high && high.value <= LARGEST ? high : { value: LARGEST, exclusive: false },
  };
}

const PARTS: readonly Read['part'][] = ['start', 'sign', 'zero', 'whole', 'point', 'fraction'];

/** All that is known, as one number. */
function nameOf({ negative, part, whole, fraction, toLow, toHigh, remainder, nonZero }: Read): number {
  const digits = (PARTS.indexOf(part) * 32 + whole) * 32 + fraction;
  const compared = (toLow + 1) * 3 + toHigh + 1;
  return ((remainder * 6144 + digits) * 9 + compared) * 4 + (negative ? 2 : 0) + (nonZero ? 1 : 0);
}

interface Digits {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

type Bounds = { readonly low: Digits | undefined; readonly high: Digits | undefined };

/** The shortest digits of a double, as JSON writes them, without an exponent. */
function digitsOf(bound: Bound | undefined): Digits | undefined {
  if (!bound) return undefined;
  const [mantissa, exponent] = Math.abs(bound.value).toExponential().split('e');
  const digits = mantissa!.replace('.', '');
  const point = Number(exponent) + 1;
  const whole = digits.slice(0, Math.max(0, point)).padEnd(Math.max(0, point), '0');
  const fraction = point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  return { negative: bound.value < 0, whole: whole.replace(/^0+/, '') || '0', fraction: fraction.replace(/0+$/, '') };
}

function after(read: Read, byte: number, range: Numbers, bounds: Bounds): Read | undefined {
  const { part } = read;
  if (byte === 0x2d) return part === 'start' ? { ...read, negative: true, part: 'sign', nonZero: false } : undefined;
  if (byte === 0x2e) {
    const canFollow = !range.integer && (part === 'zero' || part === 'whole') && read.whole < range.digits;
    return canFollow
      ? {
          ...read,
          part: 'point',
          toLow: ended(read, bounds.low, read.toLow),
          toHigh: ended(read, bounds.high, read.toHigh),
        }
      : undefined;
  }
  if (part === 'zero' || read.whole + read.fraction >= range.digits) return undefined;
  const digit = byte - 0x30;
  const inFraction = part === 'point' || part === 'fraction';
  const compared = (bound: Digits | undefined, so: number) =>
    so !== 0 || !bound
      ? so
      : Math.sign(
          digit - Number((inFraction ? bound.fraction : bound.whole)[inFraction ? read.fraction : read.whole] ?? 0),
        );
  return {
    negative: read.negative,
    part: inFraction ? 'fraction' : digit === 0 && read.whole === 0 ? 'zero' : 'whole',
    whole: read.whole + (inFraction ? 0 : 1),
    fraction: read.fraction + (inFraction ? 1 : 0),
    toLow: compared(bounds.low, read.toLow),
    toHigh: compared(bounds.high, read.toHigh),
    remainder: (read.remainder * 10 + digit) % range.multipleOf,
    nonZero: read.nonZero || digit !== 0,
  };
}

/** How the whole part compares with a bound's: the longer one is greater, of equal lengths the digits decide. */
function ended(read: Read, bound: Digits | undefined, so: number): number {
  return bound && read.whole !== bound.whole.length ? Math.sign(read.whole - bound.whole.length) : so;
}

function isIn(read: Read, range: NumberRange, bounds: Bounds): boolean {
  const { part } = read;
  if (part === 'start' || part === 'sign' || part === 'point') return false;
  if (!read.nonZero) return false; // there is no −0
  if (read.remainder !== 0) return false;
  const low = against(read, bounds.low, read.toLow);
  const high = against(read, bounds.high, read.toHigh);
  const aboveLow = !range.low || low > 0 || (low === 0 && !range.low.exclusive);
  return aboveLow && (!range.high || high < 0 || (high === 0 && !range.high.exclusive));
}

/** How a whole number that has been read compares with a bound: −1, 0 or 1. */
function against(read: Read, bound: Digits | undefined, so: number): number {
  if (!bound) return 0;
  if (read.negative !== bound.negative) return read.negative ? -1 : 1;
  const inFraction = read.part === 'fraction';
  let size = inFraction ? so : ended(read, bound, so);
  if (size === 0 && bound.fraction.length > (inFraction ? read.fraction : 0)) size = -1;
  return read.negative ? -size : size;
}
