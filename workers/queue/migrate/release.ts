// Which of two releases is newer, by their versions, as semver orders them. No I/O.
import { SteadyTextError } from '../../errors.ts';

/** Below 0 when `a` is older. Builds of one version are the same. */
export function compareReleases(a: string, b: string): number {
  const [numbersA, wordsA] = parts(a);
  const [numbersB, wordsB] = parts(b);
  // 1.0.0-rc.1 comes before 1.0.0.
  if (wordsA.length === 0 || wordsB.length === 0)
    return compareLists(numbersA, numbersB) || wordsB.length - wordsA.length;
  return compareLists(numbersA, numbersB) || compareLists(wordsA, wordsB);
}

function parts(release: string): [string[], string[]] {
  const [version = '', ...words] = release.replace(/\+.*/, '').split('-');
  return [version.split('.'), words.length === 0 ? [] : words.join('-').split('.')];
}

/** Numbers by size and before words; of two lists with one beginning, the shorter first. */
function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    if (left === right) continue;
    const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeft && isRight) return Number(left) - Number(right);
    if (isLeft !== isRight) return isLeft ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** Throws DatabaseNewer. A newer release may have changed functions without a migration, which this one would undo. */
export function refuseNewerRelease(recorded: string | null, ours: string): void {
  if (recorded === null || compareReleases(recorded, ours) <= 0) return;
  throw new SteadyTextError(
    'DatabaseNewer',
    `The database should have been migrated by release ${ours}, as this program, or one before, but was by ${recorded}`,
    {
      hint: `Migrate with release ${recorded} or a newer one. To put back the functions of ${ours} on purpose, give --allow-older.`,
    },
  );
}
