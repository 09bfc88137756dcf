// What nothing can satisfy, with the reason: harmless where something else can be chosen or left out.

export class Impossible {
  readonly pointer: string;
  readonly why: string;

  constructor(pointer: string, why: string) {
    this.pointer = pointer;
    this.why = why;
  }
}
