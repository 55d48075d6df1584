/** The words of this package: English comes with it, other languages when they are asked for. */
import en from '../../locale/en.json' with { type: 'json' };

/** A catalog: words by key, in groups. */
export type Catalog = object;

/** By language tag: what loads its catalog (`() => import('../locale/de.json')`). */
export type CatalogLoaders = Readonly<Record<string, () => Promise<{ readonly default: Catalog }>>>;

export const uiEnglish = en;
export const uiOthers: CatalogLoaders = {};
