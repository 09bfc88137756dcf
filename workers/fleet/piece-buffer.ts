// Sends on what engines have generated of texts that users read while they are made: of all of them in one statement, a few times a
// second. Nothing depends on it: whoever misses a piece has it with the result.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { isValueRefused } from '../queue/error-map.ts';
import type { Piece } from '../queue/write-pieces.ts';
import type { HeldRequest, HeldRequests } from './held-requests.ts';

export interface PieceBufferOptions {
  readonly held: Pick<HeldRequests, 'has'>;
  readonly log: Logger;
  /** Gives the ids that somebody still reads. */
  readonly write: (pieces: readonly Piece[]) => Promise<ReadonlySet<string>>;
  /** Pause between two statements with pieces. */
  readonly everyMs: number;
  /** While no piece comes, after so long it is asked whether somebody still reads. */
  readonly askMs: number;
}

interface Stream {
  readonly held: HeldRequest;
  /** Characters that were written. */
  start: number;
  text: string;
}

export class PieceBuffer {
  readonly #options: PieceBufferOptions;
  readonly #closing = new AbortController();
  readonly #streams = new Map<HeldRequest, Stream>();
  /** What nobody reads, or PostgreSQL cannot store. */
  readonly #unread = new WeakSet<HeldRequest>();
  #news = Promise.withResolvers<void>();
  #sending: Promise<void> | null = null;

  constructor(options: PieceBufferOptions) {
    this.#options = options;
  }

  /** An empty piece tells that the text is being made. */
  add(held: HeldRequest, piece: string): void {
    if (this.#unread.has(held)) return;
    const stream = this.#streams.get(held) ?? { held, start: 0, text: '' };
    this.#streams.set(held, stream);
    stream.text += piece;
    if (piece !== '') this.#news.resolve();
    this.#sending ??= this.#sendAll();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#news.resolve();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { everyMs, askMs, log } = this.#options;
    const { signal } = this.#closing;
    let failing = false;
    while (!signal.aborted && this.#streams.size > 0) {
      await Promise.race([this.#news.promise, sleep(askMs, undefined, { signal }).catch(() => undefined)]);
      this.#news = Promise.withResolvers();
      this.#forgetEnded();
      if (signal.aborted || this.#streams.size === 0) continue;
      try {
        await this.#send([...this.#streams.values()]);
        failing = false;
      } catch (error) {
        // Kept, and sent with what comes until then.
        if (!failing) log.warn({ err: error, streams: this.#streams.size }, 'pieces not written');
        failing = true;
      }
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
    this.#sending = null;
  }

  /** The result is there, or on its way, or is another worker's to make. */
  #forgetEnded(): void {
    for (const held of this.#streams.keys())
      if (held.state !== 'running' || !this.#options.held.has(held)) this.#streams.delete(held);
  }

  async #send(streams: readonly Stream[]): Promise<void> {
    const pieces = streams.map(({ held: { requestId, leaseToken }, start, text }) => {
      return { requestId, leaseToken, start, text };
    });
    try {
      const read = await this.#options.write(pieces);
      for (const [i, stream] of streams.entries()) {
        const { text, requestId } = pieces[i]!;
        stream.start += [...text].length;
        stream.text = stream.text.slice(text.length);
        if (!read.has(requestId)) this.#leave(stream);
      }
    } catch (error) {
      if (!isValueRefused(error)) throw error;
      if (streams.length === 1) return this.#leave(streams[0]!);
      for (const stream of streams) await this.#send([stream]);
    }
  }

  #leave({ held }: Stream): void {
    this.#unread.add(held);
    this.#streams.delete(held);
  }
}
