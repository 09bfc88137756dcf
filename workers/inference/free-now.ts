// Gives a buffer's memory back at once. The garbage collector waits until some 64 MB of buffers are lost, and what comes next
// is as large again.

/** The array is empty afterwards, as is every other on its buffer. One that was freed before stays so. */
export function freeNow({ buffer }: Float32Array): void {
  if (!(buffer as ArrayBuffer).detached) (buffer as ArrayBuffer).transferToFixedLength(0);
}
