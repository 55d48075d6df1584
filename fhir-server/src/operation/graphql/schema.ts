/**
 * The GraphQL schema of FHIR, generated from its definitions. https://hl7.org/fhir/R4/graphql.html
 *
 * All of it has some ten thousands of fields. A query is answered by the part that it names: types and arguments whose
 * names do not occur in its text cannot be asked for by it. Only introspection needs the whole. There, what refers to
 * resources of any type is listed at each of them with few of its arguments: with all it would be several times as much.
 */
import {
  assertValidSchema,
  type GraphQLArgumentConfig,
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  specifiedDirectives,
} from 'graphql';
import { isResourceType, resourceTypes } from '../../fhir/definitions/index.ts';
import type { SearchParameterRegistry } from '../../search/index.ts';
import { CONNECTION_FIELDS, EDGE_FIELDS } from './connection.ts';
import type { GraphqlContext } from './context.ts';
import { DIRECTIVES } from './directives.ts';
import { type ElementField, elementFields, typeName } from './element-fields.ts';
import { resolveDecimal, resolveElement, resolvePrimitive } from './resolve-element.ts';
import { resolveList } from './resolve-list.ts';
import { resolveRead } from './resolve-read.ts';
import { resolveReference } from './resolve-reference.ts';
import { scalar, SCALARS } from './scalars.ts';
import { type Has, searchArguments, STEERING } from './search-arguments.ts';

type Field = GraphQLFieldConfig<unknown, GraphqlContext>;
type Fields = Record<string, Field>;

/** More targets than that mean any type. */
const TARGETS_MAX = 40;

/** Names that lead to resources of any type. */
const LEADS_ANYWHERE = ['resource', 'contained', 'outcome'];

/** `root` is the resource type that a query starts from; undefined for the system as a whole. `names`: those in its text. */
export function buildSchema(
  registry: SearchParameterRegistry,
  root: string | undefined,
  names?: ReadonlySet<string>,
): GraphQLSchema {
  const builder = new SchemaBuilder(registry, names);
  const leadsAnywhere = names === undefined || LEADS_ANYWHERE.some((name) => names.has(name));
  const schema = new GraphQLSchema({
    query: root === undefined ? builder.system() : builder.object(root),
    types: [...SCALARS, ...(leadsAnywhere ? resourceTypes().map((type) => builder.object(type)) : [])],
    directives: [...specifiedDirectives, ...DIRECTIVES],
    // A part may have types without fields, which nobody can ask for.
    assumeValid: names !== undefined,
  });
  if (names === undefined) assertValidSchema(schema);
  return schema;
}

class SchemaBuilder {
  readonly #registry: SearchParameterRegistry;
  readonly #isWhole: boolean;
  /** Types whose lists or connections are asked for. */
  readonly #searched: readonly string[];
  readonly #has: Has;
  readonly #objects = new Map<string, GraphQLObjectType<unknown, GraphqlContext>>();
  readonly #resource: GraphQLInterfaceType;

  constructor(registry: SearchParameterRegistry, names: ReadonlySet<string> | undefined) {
    this.#registry = registry;
    this.#isWhole = names === undefined;
    this.#has = (name) => names === undefined || names.has(name);
    this.#searched = resourceTypes().filter((type) =>
      ['List', 'Connection'].some((kind) => this.#has(type + kind)),
    );
    this.#resource = new GraphQLInterfaceType({
      name: 'Resource',
      fields: () => this.#elements('Resource'),
      resolveType: (value) => (value as { resourceType: string }).resourceType,
    });
  }

  /** Read, lists and connections of every type. */
  system(): GraphQLObjectType {
    return this.#object('Query', () => {
      const fields: Fields = {};
      for (const type of resourceTypes()) {
        if (this.#has(type))
          fields[type] = {
            type: this.object(type),
            args: { id: { type: new GraphQLNonNull(scalar('id')) } },
            resolve: resolveRead(type),
          };
        this.#addSearches(fields, type, 'root');
      }
      return fields;
    });
  }

  /** Of a type or path of the definitions. */
  object(path: string): GraphQLObjectType<unknown, GraphqlContext> {
    const isResource = isResourceType(path);
    const make = (): Fields => {
      const fields = this.#elements(path);
      if (path === 'Reference') this.#addResource(fields);
      if (isResource) for (const type of this.#searched) this.#addReferring(fields, type, path);
      return fields;
    };
    return this.#object(typeName(path), make, isResource ? [this.#resource] : []);
  }

  #object(
    name: string,
    fields: () => Fields,
    interfaces: GraphQLInterfaceType[] = [],
  ): GraphQLObjectType<unknown, GraphqlContext> {
    let object = this.#objects.get(name);
    if (!object) this.#objects.set(name, (object = new GraphQLObjectType({ name, fields, interfaces })));
    return object;
  }

  #addSearches(fields: Fields, type: string, place: 'root' | 'resource'): void {
    if (this.#has(`${type}List`))
      fields[`${type}List`] = {
        type: new GraphQLList(this.object(type)),
        args: searchArguments(this.#registry, type, this.#has, place, false),
        resolve: resolveList(type, place, false),
      };
    if (this.#has(`${type}Connection`))
      fields[`${type}Connection`] = {
        type: this.#connection(type),
        args: searchArguments(this.#registry, type, this.#has, place, true),
        resolve: resolveList(type, place, true),
      };
  }

  /** Lists of what refers to a resource. */
  #addReferring(fields: Fields, type: string, target: string): void {
    const references = this.#registry
      .list(type)
      .filter((p) => p.type === 'reference' && p.target?.includes(target) !== false);
    if (references.length === 0) return;
    const isByAny = references.every((p) => (p.target?.length ?? Infinity) > TARGETS_MAX);
    if (!this.#isWhole || !isByAny) this.#addSearches(fields, type, 'resource');
    else
      fields[`${type}List`] = {
        type: new GraphQLList(this.object(type)),
        args: searchArguments(this.#registry, type, (name) => STEERING.has(name), 'resource', false),
      };
  }

  #connection(type: string): GraphQLObjectType {
    return this.#object(`${type}Connection`, () => ({
      ...CONNECTION_FIELDS,
      edges: {
        type: new GraphQLList(this.#edge(type)),
        resolve: resolveElement('Edge'),
      },
    }));
  }

  #edge(type: string): GraphQLObjectType {
    return this.#object(`${type}Edge`, () => ({
      ...EDGE_FIELDS,
      resource: { type: this.object(type), resolve: resolveElement(type) },
    }));
  }

  #addResource(fields: Fields): void {
    if (!this.#has('resource')) return;
    fields['resource'] = {
      type: this.#resource,
      args: { optional: { type: scalar('boolean') }, type: { type: scalar('code') } },
      resolve: resolveReference,
    };
  }

  #elements(path: string): Fields {
    const fields: Fields = {};
    const isResource = path === 'Resource' || isResourceType(path);
    if (isResource && this.#has('resourceType')) fields['resourceType'] = { type: scalar('code') };
    for (const element of elementFields(path)) {
      if (this.#has(element.name)) fields[element.name] = this.#element(element);
      const sibling = `_${element.name}`;
      if (element.isPrimitive && element.name !== 'id' && this.#has(sibling))
        fields[sibling] = { type: listed(this.object('Element'), element.isList) };
    }
    return fields;
  }

  #element({ name, type, isPrimitive, isList }: ElementField): Field {
    if (isPrimitive)
      return {
        type: listed(scalar(name === 'id' && type === 'string' ? 'id' : type), isList),
        resolve: type === 'decimal' ? resolveDecimal : resolvePrimitive,
      };
    const of = type === 'Resource' ? this.#resource : this.object(type);
    return {
      type: listed(of, isList),
      resolve: resolveElement(type),
      ...(isList && { args: this.#selection(type) }),
    };
  }

  /** https://hl7.org/fhir/R4/graphql.html#list */
  #selection(type: string): Record<string, GraphQLArgumentConfig> {
    const given: Record<string, GraphQLArgumentConfig> = {};
    if (this.#has('fhirpath')) given['fhirpath'] = { type: GraphQLString };
    for (const name of ['_count', '_offset']) if (this.#has(name)) given[name] = { type: GraphQLInt };
    for (const { name, type: of, isPrimitive } of elementFields(type))
      if (isPrimitive && this.#has(name)) given[name] ??= { type: scalar(of) };
    return given;
  }
}

const listed = (type: GraphQLOutputType, isList: boolean): GraphQLOutputType =>
  isList ? new GraphQLList(type) : type;
