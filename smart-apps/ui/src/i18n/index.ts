/** One language for the page: catalogs in JSON, English first, others loaded when asked for. */
export { uiEnglish, type Catalog, type CatalogLoaders } from './catalogs.ts';
export { textOf, useUiText, useWords } from './use-words.ts';
export {
  chooseLanguage,
  createI18n,
  regionOf,
  sayOf,
  wordsOf,
  type AppCatalogs,
  type KeyOf,
  type Say,
  type Words,
} from './words.ts';
