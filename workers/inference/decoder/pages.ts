// Memory for keys and values: it comes from the system directly, page by page as it is written, and goes back to it. From
// the heap, where the runtime's activations come and go, it would do neither.

/**
 * Zeros in pages of their own, which may become `most`. Loops over them are slow (appending the rows of 8 slots takes 1.5–2.0 ms
 * instead of 0.7): they are written by `set`.
 */
export function pages(count: number, most = count): Float32Array {
  const maxByteLength = most * Float32Array.BYTES_PER_ELEMENT;
  return new Float32Array(new ArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT, { maxByteLength }));
}

/** Takes zeros to the end of what `pages` gave, or gives its end back, and copies nothing. */
export function resize({ buffer }: Float32Array, count: number): void {
  (buffer as ArrayBuffer).resize(count * Float32Array.BYTES_PER_ELEMENT);
}
