/** The face of $graphql. */
export { graphql } from './graphql.ts';
