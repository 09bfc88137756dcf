// Gives a buffer's memory back at once. The garbage collector waits until some 64 MB of buffers are lost, and what comes next
// is as large again.

/** The array is empty afterwards, as is every other on its buffer. */
export function freeNow({ buffer }: Float32Array): void {
  (buffer as ArrayBuffer).transferToFixedLength(0);
}
