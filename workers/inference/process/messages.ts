// What an engine process and its parent say to each other. Messages are structured clones ("advanced" serialization), so
// vectors travel as bytes.

import { type ErrorName, isSteadyTextError, SteadyTextError } from '../../errors.ts';
import type { Engine, ModelChange } from '../engine.ts';

/** The verbs that are answered; `cancel` is not. */
export type Verb = Exclude<keyof Engine, 'cancel' | 'close'>;

export type ToEngine =
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly verb: Verb;
      readonly input: unknown;
      readonly pieces: boolean;
      /** Whether it is to be told when the work begins, or has to wait again. */
      readonly begins: boolean;
    }
  | { readonly kind: 'cancel'; readonly id: string };

export type FromEngine =
  | { readonly kind: 'answer'; readonly call: number; readonly output: unknown }
  | { readonly kind: 'piece'; readonly call: number; readonly text: string }
  | { readonly kind: 'change'; readonly change: ModelChange }
  | { readonly kind: 'begun'; readonly call: number; readonly begun: boolean }
  | { readonly kind: 'failure'; readonly call: number; readonly failure: Failure };

/** An error as plain data: classes do not survive the way. */
export interface Failure {
  /** Undefined when the error was not one of the table's. */
  readonly name: ErrorName | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

export function failureOf(error: unknown): Failure {
  if (isSteadyTextError(error)) return { name: error.name as ErrorName, message: error.message, hint: error.hint };
  return { name: undefined, message: error instanceof Error ? error.message : String(error), hint: undefined };
}

export function errorOf({ name, message, hint }: Failure): Error {
  return name === undefined
    ? new Error(message)
    : new SteadyTextError(name, message, hint === undefined ? {} : { hint });
}
