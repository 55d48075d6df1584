/** The compiled invariants of R4 and HL7's `fhirpath` library say the same of elements of the official examples, and of these with a member less. */
import { expect, test } from '@jest/globals';
import { structure } from '../../../src/fhir/definitions/index.ts';
import { compileConstraint, libraryTest, type Test } from '../../../src/fhir/fhirpath/index.ts';
import { type ObjectPlan, objectPlan } from '../../../src/validate/plan.ts';
import type { Rule } from '../../../src/validate/rule.ts';
import { exampleNames, readExample } from '../../conformance/official-examples.ts';

/** The library cannot say what ours does, by design. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'ctm-1': 'the library resolves references only asynchronously',
  'eld-19': 'JavaScript has no such pattern in the mode that the library uses',
  'eld-20': 'the same',
  'ras-1': 'the library takes no number for the value of a choice whose type it is not told',
  'que-7': 'to the library a FHIR.boolean is no System.Boolean, so that every answer would be wrong',
};

interface Case {
  readonly rule: Rule;
  readonly path: string;
  readonly resource: unknown;
  readonly focus: unknown;
}

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FOCUSES_MAX = 8;
const cases = new Map<string, { readonly seen: Set<string>; readonly all: Case[] }>();

function collect(rules: readonly Rule[], path: string, focus: unknown, resource: unknown): void {
  for (const rule of rules) {
    const key = `${rule.definition.key} ${rule.definition.expression}`;
    let of = cases.get(key);
    if (of === undefined) cases.set(key, (of = { seen: new Set(), all: [] }));
    if (of.seen.size >= FOCUSES_MAX) continue;
    const shape = JSON.stringify(focus);
    if (shape.length > 20_000 || of.seen.has(shape)) continue;
    of.seen.add(shape);
    of.all.push({ rule, path, resource, focus });
    if (!isJson(focus)) continue;
    for (const name of Object.keys(focus)) {
      if (name === 'resourceType') continue;
      const { [name]: _without, ...less } = focus;
      of.all.push({ rule, path, resource: focus === resource ? less : resource, focus: less });
    }
  }
}

function walk(plan: ObjectPlan, node: Json, resource: unknown): void {
  for (const [key, value] of Object.entries(node)) {
    const member = plan.members.get(key);
    if (member === undefined || member.kind === 'sibling' || member.kind === 'narrative') continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one === null) continue;
      if (member.kind === 'resource') {
        if (isJson(one)) start(one);
        continue;
      }
      collect(member.rules.all, member.path, one, resource);
      if (member.kind === 'primitive' || !isJson(one)) continue;
      const content = member.content();
      collect(content.rules.all, content.path, one, resource);
      walk(content, one, resource);
    }
  }
}

function start(resource: Json): void {
  const { resourceType } = resource;
  if (typeof resourceType !== 'string' || structure(resourceType) === undefined) return;
  const plan = objectPlan(resourceType);
  collect(plan.rules.all, resourceType, resource, resource);
  walk(plan, resource, resource);
}

function verdict(evaluate: Test, { resource, focus }: Case): boolean | string | undefined {
  try {
    return evaluate({ resource, rootResource: resource }, focus, focus);
  } catch {
    return 'fails';
  }
}

test('both say the same of every invariant', () => {
  const names = exampleNames();
  const few = new Map<string, number>();
  for (const name of names) {
    // Of the types with a thousand examples some will do.
    const type = name.split('-')[0]!;
    const count = (few.get(type) ?? 0) + 1;
    few.set(type, count);
    if (count <= 40) start(readExample(name));
  }
  const differences: object[] = [];
  let compared = 0;
  for (const { all } of cases.values()) {
    const { definition } = all[0]!.rule;
    const ours = compileConstraint(definition.expression, all[0]!.path);
    expect(ours).toBeDefined();
    if (ours === undefined || ours.fallback || definition.key in EXCEPTIONS) continue;
    const theirs = libraryTest(definition.expression, all[0]!.path);
    for (const one of all) {
      compared += 1;
      const [a, b] = [verdict(ours.test, one), verdict(theirs, one)];
      if (a !== b)
        differences.push({ key: definition.key, path: one.path, ours: a, library: b, focus: JSON.stringify(one.focus).slice(0, 200) }); // prettier-ignore
    }
  }
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(5_000);
  expect(cases.size).toBeGreaterThan(150);
}, 120_000);
