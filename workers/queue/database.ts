// What the one-function files of this folder need: somewhere to send a statement, and the private schema's name.

export interface QueueDatabase {
  /** Schema that holds the worker API. Validated by schema-names.ts, so it may stand in SQL text unquoted. */
  readonly privateSchema: string;
  /** Runs one statement and gives its rows. A transaction-mode bouncer may sit between: see kept-statements.ts. */
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
}
