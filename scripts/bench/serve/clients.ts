// Clients that ask one request after the other, all at once, and how it went for them.

export interface Served {
  /** Generated tokens a second, from the first request's beginning to the last one's end. */
  readonly rate: number;
  /** Milliseconds of each request. */
  readonly took: readonly number[];
}

/** Each client asks so many times; `ask` gives the tokens of the answer, and each must have all that were asked for. */
export async function serve(
  clients: number,
  requests: number,
  tokens: number,
  ask: (client: number, request: number) => Promise<number>,
): Promise<Served> {
  const took: number[] = [];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let request = 0; request < requests; request++) {
        const asked = performance.now();
        const came = await ask(client, request);
        if (came !== tokens) throw new Error(`Expected an answer of ${tokens} tokens, one of ${came} came.`);
        took.push(performance.now() - asked);
      }
    }),
  );
  return { rate: (1000 * clients * requests * tokens) / (performance.now() - begun), took };
}
