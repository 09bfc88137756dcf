// The rules of the house as functions over source texts, so that the tests can also show them made-up trees.

import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

/** Path from the project's root → source text. */
export type SourceTree = ReadonlyMap<string, string>;

const BASE = ['config', 'log', 'errors'];

/** Room → the rooms it may import from. A room is a folder of workers/, or a file directly in it. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  config: ['errors'],
  log: ['config', 'errors'],
  errors: [],
  queue: BASE,
  inference: BASE,
  handlers: [...BASE, 'queue', 'inference'],
  fleet: [...BASE, 'queue', 'inference', 'handlers', 'maintenance'],
  maintenance: [...BASE, 'queue'],
  dev: [...BASE, 'queue'],
  commands: [...BASE, 'queue', 'inference', 'handlers', 'fleet', 'maintenance', 'dev'],
  cli: [...BASE, 'inference', 'commands'],
};

export function roomOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

/** Every import that goes to a room the importing one may not know. */
export function wrongImports(tree: SourceTree): string[] {
  const wrong: string[] = [];
  for (const [path, source] of tree) {
    const room = roomOf(path);
    const allowed = MAY_IMPORT[room];
    if (!allowed) wrong.push(`${path}: workers/${room} is no room of ARCHITECTURE.md`);
    for (const specifier of importsOf(path, source)) {
      if (!specifier.startsWith('.')) continue;
      const target = normalize(join(dirname(path), specifier));
      const targetRoom = target.startsWith('workers/') ? roomOf(target) : target;
      if (targetRoom !== room && !allowed?.includes(targetRoom)) wrong.push(`${path} imports ${target}`);
    }
  }
  return wrong;
}

/** Module names of import and export declarations, and of `import(…)` calls with a literal name. */
export function importsOf(path: string, source: string): string[] {
  const found: string[] = [];
  visit(parse(path, source), (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      if (name && ts.isStringLiteral(name)) found.push(name.text);
    }
  });
  return found;
}

/** Files outside `allowed` that use `process.<member>`, also as `globalThis.process` or by an import of node:process. */
export function processUses(tree: SourceTree, member: string, allowed: readonly string[]): string[] {
  return filesWhere(tree, allowed, (node) => {
    if (ts.isImportDeclaration(node)) return (node.moduleSpecifier as ts.StringLiteral).text === 'node:process';
    if (ts.isElementAccessExpression(node)) return /\bprocess$/.test(node.expression.getText());
    return (
      ts.isPropertyAccessExpression(node) && node.name.text === member && /\bprocess$/.test(node.expression.getText())
    );
  });
}

export function defaultExports(tree: SourceTree): string[] {
  return filesWhere(tree, [], (node) => {
    if (ts.isExportAssignment(node)) return true;
    if (ts.isExportSpecifier(node)) return node.name.text === 'default';
    return ts.canHaveModifiers(node) && !!ts.getModifiers(node)?.some((it) => it.kind === ts.SyntaxKind.DefaultKeyword);
  });
}

const SQL_TEXT = new RegExp(
  `^\\s*(${[
    'select\\s+(\\*|[\\w$.]+\\s*[(,]|[\\w."]+\\s+from|\\$\\d|\\d|\\$\\{)',
    'insert\\s+into',
    'update\\s+\\S+\\s+set',
    'delete\\s+from',
    'with\\s+\\w+\\s+as\\s*\\(',
    '(create|alter|drop)\\s+(or\\s+replace|table|role|user|schema|database|index|function|view|policy|extension)\\b',
    '(grant|revoke)\\s+\\S+.*\\b(to|on|from)\\b',
    '(listen|unlisten|notify)\\s+\\S+\\s*$',
    'set\\s+(local|role|session|search_path)\\b',
    '(begin|commit|rollback)\\s*;?\\s*$',
  ].join('|')})`,
  'i',
);

/** Files outside workers/queue/ with a text that begins like a SQL statement. Help texts may hold one further in. */
export function sqlTexts(tree: SourceTree): string[] {
  const found: string[] = [];
  for (const [path, source] of tree) {
    if (roomOf(path) === 'queue') continue;
    visit(parse(path, source), (node) => {
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node);
      if (isText && SQL_TEXT.test(node.text)) found.push(`${path}: ${node.text.trim().slice(0, 60)}`);
    });
  }
  return found;
}

/** Files whose first line does not say what they are for. */
export function withoutPurpose(tree: SourceTree): string[] {
  return [...tree].filter(([, source]) => !/^(#!.*\n)?(\/\/|\/\*\*?) ?\S/.test(source)).map(([path]) => path);
}

function filesWhere(tree: SourceTree, allowed: readonly string[], test: (node: ts.Node) => boolean): string[] {
  const found = new Set<string>();
  for (const [path, source] of tree) {
    if (allowed.includes(path)) continue;
    visit(parse(path, source), (node) => {
      if (test(node)) found.add(path);
    });
  }
  return [...found];
}

function parse(path: string, source: string): ts.SourceFile {
  return ts.createSourceFile(path, source, ts.ScriptTarget.ESNext, true);
}

function visit(node: ts.Node, seen: (node: ts.Node) => void): void {
  seen(node);
  ts.forEachChild(node, (child) => visit(child, seen));
}
