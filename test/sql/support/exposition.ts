// Reads the text format of Prometheus and holds it to its rules: one HELP and TYPE a family, before its samples and apart from no
// other's; names, labels and escapes as they must be; histograms that are ones.

export interface Sample {
  readonly family: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const UNITS = /(milliseconds|_ms|minutes|hours|_mb|kilobytes|megabytes|percent)/;

/** All samples; throws with the line that is against a rule. */
export function readExposition(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line should end');
  const samples: Sample[] = [];
  const kinds = new Map<string, string>();
  let family = '';
  let helped = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const refuse = (why: string) => new Error(`${why}: ${line}`);
    const [, what, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (what === 'HELP') {
      if (kinds.has(name!)) throw refuse('a family should be told once');
      helped = name!;
    } else if (what === 'TYPE') {
      if (helped !== name) throw refuse('HELP should go before TYPE');
      if (!['counter', 'gauge', 'histogram'].includes(rest!)) throw refuse('an unknown type');
      if ((rest === 'counter') !== name!.endsWith('_total'))
        throw refuse('counters and nothing else should end in _total');
      if (UNITS.test(name!)) throw refuse('a unit that is no base unit');
      kinds.set(name!, rest!);
      family = name!;
    } else {
      samples.push(readSample(line, family, kinds.get(family), refuse));
    }
  }
  for (const [name, kind] of kinds) {
    const its = samples.filter((sample) => sample.family === name);
    if (its.length === 0) throw new Error(`a family should have samples: ${name}`);
    if (kind === 'histogram') checkHistogram(its);
  }
  const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).toSorted()]));
  if (new Set(keys).size !== keys.length) throw new Error('a sample should be told once');
  return samples;
}

function readSample(line: string, family: string, kind: string | undefined, refuse: (why: string) => Error): Sample {
  const [, name, , inner = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value))) throw refuse('neither a comment nor a sample');
  const suffixes = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => name === family + suffix)) throw refuse(`a sample of ${family} was due`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inner.length) {
    const at = LABEL.exec(inner);
    if (at === null || at[1]! in labels) throw refuse('labels should be read');
    labels[at[1]!] = at[2]!.replaceAll(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter));
  }
  return { family, name, labels, value: Number(value) };
}

function checkHistogram(samples: readonly Sample[]): void {
  const of = (labels: Sample['labels']) => JSON.stringify(Object.entries(labels).filter(([name]) => name !== 'le'));
  for (const its of Object.values(Object.groupBy(samples, ({ labels }) => of(labels)))) {
    const buckets = its!.filter(({ name }) => name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)));
    const grows = (values: readonly number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]!);
    const [count, sum] = ['_count', '_sum'].map((end) => its!.find(({ name }) => name.endsWith(end))?.value);
    if (!grows(bounds) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
      throw new Error(`bounds of ${of(its![0]!.labels)}`);
    if (!grows(buckets.map(({ value }) => value))) throw new Error(`buckets should grow: ${of(its![0]!.labels)}`);
    if (count !== buckets.at(-1)!.value || sum === undefined) throw new Error(`sum and count: ${of(its![0]!.labels)}`);
  }
}
