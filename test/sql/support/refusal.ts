// What a statement was refused with, as data to compare; a statement that goes through fails the test.
import type { Session } from './queue.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export async function refusal(session: Session, text: string, values: readonly unknown[] = []): Promise<Refusal> {
  try {
    await session.rows(text, values);
  } catch (error) {
    const { code, message, hint } = error as Refusal;
    return { code, message, hint };
  }
  throw new Error(`${text} should have been refused, but went through`);
}
