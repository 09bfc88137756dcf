// Sets of characters, as sorted ranges of code points: [low, high, low, high …].

export type CodePoints = readonly number[];

/**
 * What an output may hold: every Unicode scalar value but U+0000, which PostgreSQL can keep neither in text nor in jsonb.
 */
export const ANY: CodePoints = [1, 0xd7ff, 0xe000, 0x10ffff];

export function unite(sets: readonly CodePoints[]): CodePoints {
  const ranges: [number, number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) ranges.push([set[i]!, set[i + 1]!]);
  ranges.sort((a, b) => a[0] - b[0]);
  const united: number[] = [];
  for (const [low, high] of ranges) {
    if (united.length > 0 && low <= united.at(-1)! + 1) united[united.length - 1] = Math.max(united.at(-1)!, high);
    else united.push(low, high);
  }
  return united;
}

export function intersect(a: CodePoints, b: CodePoints): CodePoints {
  const common: number[] = [];
  let [i, k] = [0, 0];
  while (i < a.length && k < b.length) {
    const low = Math.max(a[i]!, b[k]!);
    const high = Math.min(a[i + 1]!, b[k + 1]!);
    if (low <= high) common.push(low, high);
    if (a[i + 1]! < b[k + 1]!) i += 2;
    else k += 2;
  }
  return common;
}

/** All characters of an output that are not in the set. */
export function invert(set: CodePoints): CodePoints {
  const rest: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > next) rest.push(next, set[i]! - 1);
    next = set[i + 1]! + 1;
  }
  if (next <= 0x10ffff) rest.push(next, 0x10ffff);
  return intersect(rest, ANY);
}

const properties = new Map<string, CodePoints | undefined>();

/** The characters of \p{name}, asked one by one of this Node's Unicode tables (30 ms once a name); undefined if unknown. */
export function unicodeProperty(name: string): CodePoints | undefined {
  if (!properties.has(name)) properties.set(name, /^\w+(=\w+)?$/.test(name) ? charactersOf(name) : undefined);
  return properties.get(name);
}

function charactersOf(name: string): CodePoints | undefined {
  let inside: RegExp;
  try {
    inside = new RegExp(`^\\p{${name}}$`, 'u');
  } catch {
    return undefined;
  }
  const ranges: number[] = [];
  for (let i = 0; i < ANY.length; i += 2)
    for (let point = ANY[i]!; point <= ANY[i + 1]!; point++) {
      if (!inside.test(String.fromCodePoint(point))) continue;
      if (ranges.at(-1) === point - 1) ranges[ranges.length - 1] = point;
      else ranges.push(point, point);
    }
  return ranges;
}
