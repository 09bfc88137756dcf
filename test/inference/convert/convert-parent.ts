// A parent to be killed in convert-model.test.ts: has a child convert, and tells its pid once weights are being written.

import { type ConvertTask, convertInChild } from '../../../workers/inference/convert/convert-in-child.ts';

process.once('message', (task: ConvertTask) => {
  let child = 0;
  void convertInChild(task, { onStart: (pid) => (child = pid), onProgress: () => process.send!(child) });
});
