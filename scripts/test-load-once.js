/**
 * Jest gives each test file modules of its own. For the hundreds of the server that takes longer than most files' tests,
 * so that Node loads them, once for all test files of a process: what Jest gets of such a module are the names that it
 * exports. Nothing of the server may keep in a variable of its module what holds for one database or one api only.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { parseSync } from '@swc/core';

const own = readFileSync(import.meta.filename, 'utf8');

const namesOf = {
  ExportDeclaration: ({ declaration }) =>
    declaration.type === 'VariableDeclaration'
      ? declaration.declarations.map(({ id }) => id)
      : 'identifier' in declaration
        ? [declaration.identifier]
        : [],
  ExportNamedDeclaration: ({ specifiers, typeOnly }) =>
    typeOnly ? [] : specifiers.filter((one) => !one.isTypeOnly).map(({ exported, orig }) => exported ?? orig),
};

function wrapper(source) {
  const { body } = parseSync(source, { syntax: 'typescript', target: 'es2024' });
  const names = new Set(body.flatMap((item) => namesOf[item.type]?.(item) ?? []).map(({ value }) => value));
  const others = body.flatMap(({ type, source: from }) =>
    type === 'ExportAllDeclaration' ? [from.value] : [],
  );
  return [
    `export const { ${[...names].join(', ')} } = loadOnce(import.meta.filename);`,
    ...others.map((other) => `export * from ${JSON.stringify(other)};`),
  ].join('\n');
}

export default {
  // The set-up of the whole run is Node's already, and loads with Jest's transforms nonetheless.
  getCacheKey: (source, _path, { supportsStaticESM }) =>
    createHash('sha256').update(`${supportsStaticESM}\0${own}\0${source}`).digest('hex'),
  process: (source, _path, { supportsStaticESM }) => ({
    code: supportsStaticESM ? wrapper(source) : stripTypeScriptTypes(source),
  }),
};
