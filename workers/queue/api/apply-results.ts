// steadytext_apply_results: writes the login's own finished results into the tables that they are for.

import type { ApiConnection } from './api-connection.ts';

export interface Applied {
  readonly applied: number;
  readonly stale: number;
  readonly refused: number;
  readonly failed: number;
}

export const NOTHING: Applied = { applied: 0, stale: 0, refused: 0, failed: 0 };

/** One transaction, at most so many results. The login's own search_path counts: triggers of its tables may need it. */
export async function applyResults({ queryAsLogin, schema }: ApiConnection, most: number): Promise<Applied> {
  const rows = await queryAsLogin<Readonly<Record<keyof Applied, string>>>(
    `select r.applied, r.stale, r.refused, r.failed from ${schema}.steadytext_apply_results($1) as r`,
    [most],
  );
  const { applied, stale, refused, failed } = rows[0]!;
  return { applied: Number(applied), stale: Number(stale), refused: Number(refused), failed: Number(failed) };
}

export function sumOf(a: Applied, b: Applied): Applied {
  return {
    applied: a.applied + b.applied,
    stale: a.stale + b.stale,
    refused: a.refused + b.refused,
    failed: a.failed + b.failed,
  };
}

export function totalOf({ applied, stale, refused, failed }: Applied): number {
  return applied + stale + refused + failed;
}
