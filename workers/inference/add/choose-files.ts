// Which of the files of a place are the model, what each is for, and what kind of model they make. Pure: it sees names, sizes
// and config.json.

import { SteadyTextError } from '../../errors.ts';
import type { ModelKind } from '../engine.ts';
import { exactBytes } from '../store/bytes.ts';
import { type FileRole, WEIGHT_FORMS, type WeightForm, weightForm } from '../store/manifest.ts';
import type { ModelPlace, PlaceFile } from './place.ts';

/** What is read of config.json here; the converter reads the rest. */
export interface ModelConfig {
  readonly model_type?: string | undefined;
  readonly architectures?: readonly string[] | undefined;
}

export interface ChosenFiles {
  readonly form: WeightForm;
  readonly kind: ModelKind;
  readonly paths: ReadonlyMap<FileRole, string>;
}

type Seen = Pick<ModelPlace, 'files' | 'asked' | 'label'>;

/** Families whose safetensors are converted; of all others a ready-made graph is taken where there is one. */
const CONVERTED = ['bert'];
const SETTINGS: Readonly<Partial<Record<FileRole, string>>> = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizer_config: 'tokenizer_config.json',
  special_tokens_map: 'special_tokens_map.json',
  modules: 'modules.json',
  sentence_config: 'sentence_bert_config.json',
  pooling_config: '1_Pooling/config.json',
  prompts: 'config_sentence_transformers.json',
};
const NEEDED = ['config', 'tokenizer', 'tokenizer_config'] as const;
const READY_MADE = ['onnx/model.onnx', 'model.onnx'];

export function chooseFiles(place: Seen, config: ModelConfig | undefined, wanted?: ModelKind): ChosenFiles {
  const weights = place.asked ?? chooseWeights(place, config);
  const form = formOf(place, weights);
  const kind = form === 'gguf' ? decoderKind(place, wanted) : encoderKind(place, config, wanted);
  const paths = new Map<FileRole, string>([['weights', weights]]);
  if (form === 'gguf') return { form, kind, paths };
  const data = form === 'onnx' ? dataBeside(place, weights) : undefined;
  if (data !== undefined) paths.set('weights_data', data);
  for (const [role, path] of Object.entries(SETTINGS)) if (has(place, path)) paths.set(role as FileRole, path);
  const missing = NEEDED.filter((role) => !paths.has(role)).map((role) => SETTINGS[role]!);
  if (missing.length > 0)
    throw unsupported(place, `expected ${missing.join(' and ')} beside ${weights}, got ${namesOf(place.files)}`);
  return { form, kind, paths };
}

function chooseWeights(place: Seen, config: ModelConfig | undefined): string {
  const gguf = place.files.filter(({ path }) => path.endsWith('.gguf') && !path.includes('/'));
  const readyMade = READY_MADE.find((path) => has(place, path));
  const safetensors = has(place, 'model.safetensors') ? 'model.safetensors' : undefined;
  const converted = CONVERTED.includes(config?.model_type ?? '') ? safetensors : undefined;
  const chosen = converted ?? readyMade ?? safetensors;
  if (chosen !== undefined) return chosen;
  if (gguf.length === 1) return gguf[0]!.path;
  if (gguf.length > 1) throw oneOf(place, 'GGUF', gguf);
  const graphs = place.files.filter(({ path }) => /^(onnx\/)?[^/]+\.onnx$/.test(path));
  if (graphs.length === 1) return graphs[0]!.path;
  if (graphs.length > 1) throw oneOf(place, 'ONNX', graphs);
  throw unsupported(
    place,
    `expected weights as one .gguf, model.safetensors, model.onnx or onnx/model.onnx, got ${namesOf(place.files)}`,
  );
}

function oneOf(place: Seen, what: string, files: readonly PlaceFile[]): SteadyTextError {
  const lines = files.map(({ path, bytes }) => `\n  ${path}  ${exactBytes(bytes)}`);
  return new SteadyTextError(
    'InvalidOption',
    `${place.label}: expected one ${what} file, got ${files.length}:${lines.join('')}`,
    { hint: 'Name one of them: after "#", or as the path of the file itself.' },
  );
}

function formOf(place: Seen, weights: string): WeightForm {
  const form = weightForm(weights);
  if (form !== undefined) return form;
  const known = WEIGHT_FORMS.map((its) => `.${its}`).join(', ');
  throw unsupported(place, `expected a file of weights that ends with ${known}, got ${weights}`);
}

/** A file does not say that its decoder ranks. */
function decoderKind(place: Seen, wanted: ModelKind | undefined): ModelKind {
  if (wanted === 'embedding')
    throw unsupported(place, `expected safetensors or ONNX for a model of kind ${wanted}, got GGUF`);
  return wanted ?? 'text';
}

function encoderKind(place: Seen, config: ModelConfig | undefined, wanted: ModelKind | undefined): ModelKind {
  const architecture = config?.architectures?.[0] ?? '';
  const isText = /(CausalLM|ConditionalGeneration|LMHeadModel)$/.test(architecture);
  if (wanted === 'text' || (wanted === undefined && isText))
    throw unsupported(
      place,
      `expected a text model as one GGUF file, got ${isText ? architecture : 'safetensors or ONNX'}`,
    );
  return wanted ?? (architecture.endsWith('ForSequenceClassification') ? 'reranking' : 'embedding');
}

/** model.onnx_data or model.onnx.data, beside the graph. */
function dataBeside(place: Seen, weights: string): string | undefined {
  const found = place.files.filter(
    ({ path }) => path !== weights && /^[._]data/.test(path.slice(weights.length)) && path.startsWith(weights),
  );
  if (found.length > 1)
    throw unsupported(place, `expected the weights of ${weights} in one file beside it, got ${namesOf(found)}`);
  return found[0]?.path;
}

function has({ files }: Seen, path: string): boolean {
  return files.some((file) => file.path === path);
}

function namesOf(files: readonly PlaceFile[]): string {
  const names = files.map(({ path }) => path);
  if (names.length === 0) return 'no file';
  return names.length > 16 ? `${names.slice(0, 16).join(', ')} and ${names.length - 16} more` : names.join(', ');
}

function unsupported({ label }: Seen, what: string): SteadyTextError {
  return new SteadyTextError('ModelUnsupported', `${label}: ${what}`, {
    hint: 'docs/models.md lists the forms and families that are known. Another repository may offer the model in one of them.',
  });
}
