/** Which language is spoken, and what formatters need of it; works without a browser. */
import { createInstance, type i18n as I18n, type TFunction } from 'i18next';
import { uiEnglish, uiOthers, type Catalog, type CatalogLoaders } from './catalogs.ts';

/** Keys of a catalog, with a dot between group and word; forms of the plural are one key. */
export type KeyOf<C> = {
  [Group in keyof C & string]: C[Group] extends string
    ? Group
    : `${Group}.${keyof C[Group] & string extends infer K extends string
        ? K extends `${infer Word}_${'one' | 'other'}`
          ? Word
          : K
        : never}`;
}[keyof C & string];

/** Says a word of the catalog C; a key that is not in it is a type error. */
export type Say<C> = (key: KeyOf<C>, values?: Readonly<Record<string, unknown>>) => string;

/** i18next's own type of keys is global, one for all packages of a program; ours is of one catalog. */
export const sayOf = <C>(t: TFunction<'ui'> | TFunction<'app'>): Say<C> => t as unknown as Say<C>;

/** What a formatter speaks with. */
export interface Words {
  /** BCP 47, with the user's region: `en-GB`. */
  readonly language: string;
  /** IANA name; undefined for the machine's own. */
  readonly timeZone?: string | undefined;
  readonly t: Say<typeof uiEnglish>;
}

/** The words of an app: English, and what loads others. */
export interface AppCatalogs {
  readonly en: Catalog;
  readonly others?: CatalogLoaders;
}

const baseOf = (tag: string): string => tag.split('-')[0]?.toLowerCase() ?? '';

/** The first wanted language that there is a catalog of, otherwise English. */
export function chooseLanguage(wanted: readonly string[], spoken: readonly string[]): string {
  for (const tag of wanted) {
    const found =
      spoken.find((s) => s.toLowerCase() === tag.toLowerCase()) ?? spoken.find((s) => s === baseOf(tag));
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Dates and numbers are written as in the user's region, if the user's language is the one that is spoken. */
export const regionOf = (language: string, wanted: readonly string[]): string =>
  wanted.find((tag) => baseOf(tag) === baseOf(language)) ?? language;

/** An i18next with this package's words (`ui`) and the app's (`app`) in the first language of `wanted` that both have. */
export async function createI18n(app: AppCatalogs, wanted: readonly string[]): Promise<I18n> {
  const others = app.others ?? {};
  const language = chooseLanguage(wanted, ['en', ...Object.keys(others)]);
  const i18n = createInstance();
  await i18n.init({
    lng: language,
    fallbackLng: 'en',
    ns: ['ui', 'app'],
    defaultNS: 'app',
    resources: { en: { ui: uiEnglish, app: app.en } },
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  if (language === 'en') return i18n;
  const load = async (namespace: string, loader: CatalogLoaders[string] | undefined): Promise<void> => {
    if (loader !== undefined) i18n.addResourceBundle(language, namespace, (await loader()).default);
  };
  await Promise.all([load('app', others[language]), load('ui', uiOthers[language])]);
  return i18n;
}

/** The words of a language for formatters outside of React. */
export const wordsOf = (i18n: I18n, wanted: readonly string[] = [], timeZone?: string): Words => ({
  language: regionOf(i18n.language, wanted),
  timeZone,
  t: sayOf(i18n.getFixedT(null, 'ui')),
});
