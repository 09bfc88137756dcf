// What comes of templates without the registry around them: compiled and rendered by the private functions, many in one statement.
import type { Row, TestQueue } from './queue.ts';

const ATTEMPT = `create or replace function pg_temp.attempt(template text, variables jsonb) returns jsonb language plpgsql as $$
  declare
    compiled record;
  begin
    compiled := steadytext_private.compile_template(template);
    return jsonb_build_object('names', compiled.required_variables,
      'text', steadytext_private.render_program(compiled.program, variables));
  exception when others then
    return jsonb_build_object('error', sqlstate, 'message', sqlerrm);
  end $$`;

interface Template {
  readonly template: string;
  /** JSON text, in which 1.0 is not 1. */
  readonly variables: string;
}

/** Of each its names and its text, or the code and the message of what it was refused with. */
export async function attempts(queue: TestQueue, templates: readonly Template[]): Promise<Row[]> {
  const superuser = await queue.superuser();
  await superuser.rows(ATTEMPT);
  const rows = await superuser.rows(
    `select pg_temp.attempt(c ->> 'template', (c ->> 'variables')::jsonb) as made
     from jsonb_array_elements($1) with ordinality as t (c, n) order by n`,
    [JSON.stringify(templates)],
  );
  return rows.map(({ made }) => made);
}

export async function attempt(queue: TestQueue, template: string, variables: unknown = {}): Promise<Row> {
  return (await attempts(queue, [{ template, variables: JSON.stringify(variables) }]))[0]!;
}
