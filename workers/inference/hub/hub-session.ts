// A pipeline's model as the encoders of this engine use a session: tensors in, tensors out.

import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { SteadyTextError } from '../../errors.ts';
import type { EncoderSession } from '../encoder/encoder.ts';
import type { ModelFolder } from '../model-folder.ts';
import type { PipelineModel, TransformersLibrary } from './transformers-library.ts';

/** Which outputs are read, the first that is there, and whether they are a row a text. */
const OUTPUTS = {
  embedding: [
    ['last_hidden_state', false],
    ['token_embeddings', false],
    ['sentence_embedding', true],
  ],
  reranking: [['logits', true]],
} as const;

export function chooseHubOutput(
  { description }: ModelFolder,
  kind: keyof typeof OUTPUTS,
  names: readonly string[],
): { readonly output: string; readonly pooled: boolean } {
  const known = OUTPUTS[kind].find(([name]) => names.includes(name));
  if (known !== undefined) return { output: known[0], pooled: known[1] };
  const expected = OUTPUTS[kind].map(([name]) => name).join(' or ');
  throw new SteadyTextError(
    'ModelUnsupported',
    `expected ${expected} from the graph of ${description.name}, of kind ${kind}, got ${names.join(', ')}`,
    { hint: 'Check the kind of the model in the file that names it.' },
  );
}

export function hubSession(model: PipelineModel, { Tensor: LibraryTensor }: TransformersLibrary): EncoderSession {
  return {
    async run(feeds: InferenceSession.FeedsType) {
      const inputs = Object.entries(feeds).map(([name, value]) => {
        const { type, data, dims } = value as Tensor;
        return [name, new LibraryTensor(type, data, dims)] as const;
      });
      const outputs = await model(Object.fromEntries(inputs));
      const numbers = Object.entries(outputs).map(([name, tensor]) => [
        name,
        tensor.type === 'float16' ? tensor.to('float32') : tensor,
      ]);
      return Object.fromEntries(numbers);
    },
    async release() {
      await model.dispose();
    },
  };
}
