// What one login may really do, found out by doing it: each function called, each table read and written, all rolled back.
import type { Row, Session } from './queue.ts';

/** Object → what is allowed of it. Empty where everything is refused with 42501. */
export type Cells = Record<string, string | Record<string, string>>;

export interface CatalogObjects {
  /** schema.name → a call with null for every argument. */
  readonly functions: ReadonlyMap<string, string>;
  readonly relations: ReadonlyMap<string, Relation>;
}

interface Column {
  readonly name: string;
  readonly type: string;
}

interface Relation {
  readonly kind: 'table' | 'view' | 'sequence';
  readonly columns: readonly Column[];
}

const SCHEMAS = `('steadytext'::regnamespace, 'steadytext_private'::regnamespace)`;

/** Without the logs' weeks, whose names change; all have the default partition's rights (partitions.test.ts). */
export async function catalogObjects(superuser: Session): Promise<CatalogObjects> {
  // With every type's name written out, since the logins that are to call cannot all see our schemas.
  await superuser.rows('set search_path = pg_catalog');
  const functions = await superuser.rows(
    `select p.pronamespace::regnamespace || '.' || p.proname as name,
            format('%s %s.%I(%s)', case p.prokind when 'p' then 'call' else 'select' end, p.pronamespace::regnamespace, p.proname,
              (select string_agg('null::' || case t.type when 'anyelement'::regtype then 'text' else format_type(t.type, null) end, ', ' order by t.position)
               from unnest(p.proargtypes::oid[]) with ordinality as t (type, position))) as call
     from pg_proc p where p.pronamespace in ${SCHEMAS} order by 1`,
  );
  const relations = await superuser.rows(
    `select c.relnamespace::regnamespace || '.' || c.relname as name, case c.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end as kind,
            (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
             from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_class c where c.relnamespace in ${SCHEMAS} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
       and not (c.relispartition and c.relname ~ '_[0-9]{8}$') order by 1`,
  );
  await superuser.rows('reset search_path');
  return {
    functions: new Map(functions.map(({ name, call }) => [name, call])),
    relations: new Map(relations.map(({ name, kind, columns }) => [name, { kind, columns: columns ?? [] }])),
  };
}

/** Rows if the login has the right, whatever else is wrong with the statement; a statement that makes no sense throws. */
async function mayRun(session: Session, statement: string): Promise<Row[] | false> {
  try {
    return await session.undone(statement);
  } catch (error) {
    const code = (error as { code: string }).code;
    // 428C9: a generated column, 55000: a view that takes inserts only; nobody may write them, whatever their rights.
    if (['42501', '428C9', '55000'].includes(code)) return false;
    if (code.startsWith('42')) throw error;
    return [];
  }
}

async function columnsThat(
  session: Session,
  columns: readonly Column[],
  statement: (column: string, type: string) => string,
): Promise<string> {
  const allowed: string[] = [];
  for (const { name, type } of columns) {
    if (await mayRun(session, statement(`"${name}"`, type))) allowed.push(name);
  }
  return allowed.length === columns.length ? 'all columns' : allowed.join(', ');
}

async function readCell(session: Session, name: string, columns: readonly Column[]) {
  const readable = await columnsThat(session, columns, (column) => `select ${column} from ${name} limit 0`);
  if (readable === '') return '';
  const rows = columns.some((column) => column.name === 'user_id')
    ? await mayRun(session, `select user_id from ${name}`)
    : [];
  if (!rows || rows.length === 0) return readable;
  // Each login was given a row of its own, and there are rows of others.
  const users = new Set(rows.map(({ user_id }) => user_id));
  return `${users.size === 1 ? 'own rows' : 'all rows'}, ${readable}`;
}

async function relationCells(session: Session, name: string, { kind, columns }: Relation) {
  const cells = {
    select: await readCell(session, name, columns),
    insert: await columnsThat(
      session,
      columns,
      (c, type) => `insert into ${name} (${c}) select null::${type} where false`,
    ),
    update: await columnsThat(session, columns, (c) => `update ${name} set ${c} = null where false`),
    delete: (await mayRun(session, `delete from ${name} where false`)) ? 'allow' : '',
    truncate: kind === 'table' && (await mayRun(session, `truncate ${name}`)) ? 'allow' : '',
  };
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== ''));
}

export async function allowedCells(session: Session, objects: CatalogObjects): Promise<Cells> {
  const cells: Cells = {};
  for (const [name, call] of objects.functions) {
    if (await mayRun(session, call)) cells[name] = 'allow';
  }
  for (const [name, relation] of objects.relations) {
    if (relation.kind === 'sequence') {
      if (await mayRun(session, `select nextval('${name}')`)) cells[name] = 'allow';
      continue;
    }
    const allowed = await relationCells(session, name, relation);
    if (Object.keys(allowed).length > 0) cells[name] = allowed;
  }
  return cells;
}
