// Which files of a repository are the model that transformers.js runs, in the layout that it reads: config.json and the
// tokenizer at the top, graphs in the folder onnx. Pure: it sees names.

import { SteadyTextError } from '../../errors.ts';

/** What transformers.js calls a graph's numbers → the end of the graph's name. */
const SUFFIXES = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const;

export type HubDtype = keyof typeof SUFFIXES;
export const HUB_DTYPES = Object.keys(SUFFIXES) as [HubDtype, ...HubDtype[]];

export const GRAPHS_FOLDER = 'onnx';
const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
/** What transformers.js reads beside them where it is there, and what says how an embedding model pools. */
const OPTIONAL = [
  'generation_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'modules.json',
  'sentence_bert_config.json',
  '1_Pooling/config.json',
  'config_sentence_transformers.json',
];

export function graphOf(dtype: HubDtype): string {
  return `${GRAPHS_FOLDER}/model${SUFFIXES[dtype]}.onnx`;
}

/** Sorted. Throws ModelUnsupported for a place without a graph of these numbers, or without a tokenizer. */
export function chooseHubFiles(paths: readonly string[], dtype: HubDtype, label: string): string[] {
  const graph = graphOf(dtype);
  const missing = [graph, ...NEEDED].filter((path) => !paths.includes(path));
  if (missing.length > 0) {
    const graphs = HUB_DTYPES.filter((known) => paths.includes(graphOf(known)));
    const found = graphs.length > 0 ? `graphs for dtype ${graphs.join(', ')}` : `no ${GRAPHS_FOLDER}/model*.onnx`;
    throw new SteadyTextError('ModelUnsupported', `${label}: expected ${missing.join(', ')}, got ${found}`, {
      hint: 'Choose a dtype that it has, or a repository with files for transformers.js: most of onnx-community on the hub.',
    });
  }
  // model.onnx_data, model.onnx_data_1 …, and model.onnx.data of older exports.
  const isData = (path: string) => path.startsWith(graph) && /^[._]data(_\d+)?$/.test(path.slice(graph.length));
  return [graph, ...NEEDED, ...OPTIONAL.filter((path) => paths.includes(path)), ...paths.filter(isData)].sort();
}
