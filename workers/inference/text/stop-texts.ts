// Watches a growing answer for texts that end it. Text that could be the beginning of a stop text is held back, so what
// was given out never has to be taken back.

export interface StopWatch {
  /** Adds a piece; gives the text that is safe to show, and whether a stop text has ended the answer. */
  push(piece: string): { readonly safe: string; readonly stopped: boolean };
  /** Gives what was held back when the answer ends in another way. */
  end(): string;
}

export function stopWatch(stops: readonly string[]): StopWatch {
  const texts = stops.filter((stop) => stop !== '');
  let held = '';
  return {
    push(piece) {
      held += piece;
      const found = firstOf(held, texts);
      const keep = found >= 0 ? held.length - found : longestBeginning(held, texts);
      const safe = held.slice(0, held.length - keep);
      held = found >= 0 ? '' : held.slice(held.length - keep);
      return { safe, stopped: found >= 0 };
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function firstOf(text: string, stops: readonly string[]): number {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length > 0 ? Math.min(...places) : -1;
}

/** Length of the longest end of `text` that begins a stop text. */
function longestBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (stop.startsWith(text.slice(text.length - length))) longest = length;
    }
  }
  return longest;
}
