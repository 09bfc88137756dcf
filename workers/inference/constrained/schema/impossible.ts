// What nothing can satisfy, with the reason: harmless where something else can be chosen or left out.

export class Impossible {
  readonly pointer: string;
  readonly why: string;
  /** Whether no value is valid in it. Otherwise nothing is written for it, but there may be some: deeper, or of other forms. */
  readonly isCertain: boolean;

  constructor(pointer: string, why: string, isCertain = false) {
    this.pointer = pointer;
    this.why = why;
    this.isCertain = isCertain;
  }
}
