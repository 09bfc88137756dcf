// The layers behind a cross-encoder's graph, a pooler and a classifier of one label: they are written beside the graph, and
// encoder/score-head.ts computes them.

import { corrupt, unsupported } from '../read/source-errors.ts';
import type { TensorFile } from '../read/tensor-file.ts';
import type { ExpectedTensors } from './expected-tensors.ts';
import { finite } from './weight-pieces.ts';

const CLASSIFIER = 'classifier';

/** A classifier of several labels tells kinds apart, and which of them is a score nobody says. */
export function checkScoreHead(file: TensorFile): void {
  const name = `${CLASSIFIER}.weight`;
  if (!file.names.includes(name))
    throw unsupported(
      file.path,
      `expected a tensor ${name}: a reranking model is a BERT with a classifier of one label (BertForSequenceClassification)`,
    );
  const [labels] = file.shape(name);
  if (labels !== 1) throw unsupported(file.path, `expected a classifier of one label, got one of ${labels}`);
}

export function scoreHeadTensors(expected: ExpectedTensors, prefix: string, hidden: number): ExpectedTensors {
  const needed = new Map(expected.needed);
  needed.set(`${prefix}pooler.dense.weight`, [hidden, hidden]);
  needed.set(`${prefix}pooler.dense.bias`, [hidden]);
  needed.set(`${CLASSIFIER}.weight`, [1, hidden]);
  needed.set(`${CLASSIFIER}.bias`, [1]);
  return { ...expected, needed };
}

export function readScoreHead(file: TensorFile, prefix: string, hidden: number): Float32Array {
  const parts = [
    `${prefix}pooler.dense.weight`,
    `${prefix}pooler.dense.bias`,
    `${CLASSIFIER}.weight`,
    `${CLASSIFIER}.bias`,
  ];
  const values = parts.flatMap((name) => {
    const tensor = file.rows(name);
    return [...finite(file.path, name, tensor.read(0, tensor.rows))];
  });
  const expected = hidden * hidden + 2 * hidden + 1;
  if (values.length !== expected)
    throw corrupt(file.path, `expected ${expected} numbers of a score, got ${values.length}`);
  return Float32Array.from(values);
}
