// An extension in a database of our own, for `steadytext dev`. Run as a superuser: few extensions are anybody else's to make.
import pg from 'pg';
import type { Client } from './connection.ts';

export async function ensureExtension(client: Client, name: string): Promise<void> {
  await client.query(`create extension if not exists ${pg.escapeIdentifier(name)} schema public`);
}
