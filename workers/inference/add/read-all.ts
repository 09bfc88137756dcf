// Bytes of a stream, up to a bound: a place may send for ever.

import type { Readable } from 'node:stream';

/** All of them; throws when there are more. */
export async function readAll(stream: Readable, most: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop by throwing destroys the stream.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new Error(`expected at most ${most} bytes of ${what}, got more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The first of them, as many as there are up to `most`; the rest is not asked for. */
export async function readStart(stream: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}
