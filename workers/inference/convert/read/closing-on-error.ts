// A file that was opened for nothing is closed again.

import type { TensorFile } from './tensor-file.ts';

export function closingOnError<Opened>(file: TensorFile, open: () => Opened): Opened {
  try {
    return open();
  } catch (error) {
    file.close();
    throw error;
  }
}
