/** Variables may be declared by any scalar where FHIR's own are taken: clients know no `token`, but `String`. */
import {
  type ASTVisitor,
  getNamedType,
  GraphQLBoolean,
  GraphQLError,
  GraphQLInt,
  isListType,
  isNonNullType,
  isScalarType,
  isTypeSubTypeOf,
  Kind,
  specifiedRules,
  typeFromAST,
  type ValidationContext,
  type ValidationRule,
  VariablesInAllowedPositionRule,
} from 'graphql';

function variablePositions(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: {
      leave(operation) {
        const declared = new Map(operation.variableDefinitions?.map((d) => [d.variable.name.value, d]));
        for (const { node, type, defaultValue } of context.getRecursiveVariableUsages(operation)) {
          const definition = declared.get(node.name.value);
          const given = definition && typeFromAST(context.getSchema(), definition.type);
          if (!definition || !given || !type) continue;
          const hasDefault = definition.defaultValue !== undefined || defaultValue !== undefined;
          const nullable = isNonNullType(type) ? type.ofType : type;
          const [to, from] = [getNamedType(type), getNamedType(given)];
          const takesText = isScalarType(to) && to !== GraphQLBoolean && to !== GraphQLInt;
          // An array where one value is taken is refused by whoever takes it.
          const fits =
            (takesText && isScalarType(from)) || isTypeSubTypeOf(context.getSchema(), given, nullable);
          const isSure = !isNonNullType(type) || isNonNullType(given) || hasDefault;
          if (fits && isSure && (isListType(nullable) || !isListOf(definition.type))) continue;
          const text = `The variable $${node.name.value} does not fit where it is used`;
          context.reportError(new GraphQLError(text, { nodes: [definition, node] }));
        }
      },
    },
  };
}

const isListOf = (type: { readonly kind: Kind; readonly type?: { readonly kind: Kind } }): boolean =>
  type.kind === Kind.LIST_TYPE || type.type?.kind === Kind.LIST_TYPE;

export const RULES: readonly ValidationRule[] = [
  ...specifiedRules.filter((rule) => rule !== VariablesInAllowedPositionRule),
  variablePositions,
];
