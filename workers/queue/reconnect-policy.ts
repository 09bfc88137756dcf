// How long a client waits before it tries to connect again.

export interface ReconnectPolicy {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Waits of 50–100 ms, 100–200, 200–400 … up to 2.5–5 s: a restarted server (0.1–2 s) is found at once, a fleet spreads. */
export const RECONNECT: ReconnectPolicy = { firstMs: 100, mostMs: 5000 };

/** `failures` = attempts that have failed in a row (0 = connect now); `random` in 0..1 spreads the fleet over half of it. */
export function reconnectDelay(failures: number, random: number, policy: ReconnectPolicy = RECONNECT): number {
  if (failures <= 0) return 0;
  const ceiling = Math.min(policy.mostMs, policy.firstMs * 2 ** Math.min(failures - 1, 30));
  return ceiling * (0.5 + random / 2);
}
