/** Which language is spoken. */
import { expect, test } from '@jest/globals';
import { chooseLanguage, createI18n, regionOf, sayOf } from '../../src/i18n/words.ts';

test('The first wanted language that there is a catalog of is spoken, by its region or its base, otherwise English.', () => {
  expect(chooseLanguage(['fr-CA', 'de-AT', 'en'], ['en', 'de'])).toBe('de');
  expect(chooseLanguage(['pt-BR'], ['en', 'pt', 'pt-BR'])).toBe('pt-BR');
  expect(chooseLanguage(['fr'], ['en', 'de'])).toBe('en');
});

test('Dates are written as in the user’s region, if the region speaks the language of the page.', () => {
  expect(regionOf('en', ['de-AT', 'en-GB'])).toBe('en-GB');
  expect(regionOf('en', ['de-AT'])).toBe('en');
});

test('Another language is loaded when it is wanted, and what it lacks is said in English.', async () => {
  const loaded: string[] = [];
  const loader = (language: string, catalog: object) => () => {
    loaded.push(language);
    return Promise.resolve({ default: catalog });
  };
  const catalogs = {
    en: { greeting: { hello: 'Hello {{name}}', bye: 'Goodbye' } },
    others: { de: loader('de', { greeting: { hello: 'Hallo {{name}}' } }), fr: loader('fr', {}) },
  };
  const say = async (wanted: string) =>
    sayOf<typeof catalogs.en>((await createI18n(catalogs, [wanted])).getFixedT(null, 'app'));
  const german = await say('de-CH');
  expect(german('greeting.hello', { name: '<b>' })).toBe('Hallo <b>');
  expect(german('greeting.bye')).toBe('Goodbye');
  expect(loaded).toEqual(['de']);
  expect((await say('en'))('greeting.hello', { name: 'A' })).toBe('Hello A');
  expect(loaded).toEqual(['de']);
});
