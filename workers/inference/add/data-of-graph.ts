// The file in which a ready-made graph keeps its weights, where it is not called after the graph.

import { readOnnxModel } from '../convert/onnx/onnx-model.ts';
import { weightPlaces } from '../convert/onnx/ready-made-weights.ts';
import type { ModelPlace } from './place.ts';
import { readAll } from './read-all.ts';

/** A graph that keeps its weights elsewhere has operators and settings alone, of large models too; a hub's is fetched for this. */
const MOST_BYTES = 16e6;

/** The one that the graph names, if it lies beside it: a name alone, and no path, is looked for. */
export async function dataOfGraph(place: ModelPlace, graph: string): Promise<string | undefined> {
  const { bytes } = place.files.find(({ path }) => path === graph)!;
  if (bytes > MOST_BYTES) return undefined;
  const names = namesIn(await readAll(await place.open(graph), MOST_BYTES, graph));
  const beside = graph.slice(0, graph.lastIndexOf('/') + 1);
  const path = names.length === 1 && !names[0]!.includes('/') ? `${beside}${names[0]}` : undefined;
  return place.files.some((file) => file.path === path) ? path : undefined;
}

/** None in what is no graph: that is told where it is converted. */
function namesIn(bytes: Buffer): string[] {
  try {
    return weightPlaces(readOnnxModel(bytes));
  } catch {
    return [];
  }
}
