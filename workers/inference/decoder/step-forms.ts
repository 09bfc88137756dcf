// The forms of those who run together, kept from step to step: a step at one stream takes 14 ms, and making its buffers and
// tensors anew would take one of them. Each group of slots has its own, since groups take turns.

import { freeNow } from '../free-now.ts';
import type { DecoderShape } from '../model-folder.ts';
import { MOST_ROWS } from './recent-tokens.ts';
import { type Dimensions, type StepForm, stepForm } from './step-form.ts';

export class StepForms {
  /** By the number of rows, which changes from step to step with what is guessed. */
  readonly #forms = new Map<number, StepForm>();

  of(shape: DecoderShape, wanted: Dimensions): StepForm {
    // Of a prompt's chunks, which may have any number of rows, one form is kept: a long one takes a megabyte.
    const kept = Math.min(wanted.rows, MOST_ROWS + 1);
    const form = stepForm(shape, this.#forms.get(kept), wanted);
    this.#forms.set(kept, form);
    return form;
  }

  release(): void {
    for (const { bias } of this.#forms.values()) freeNow(bias);
    this.#forms.clear();
  }
}
