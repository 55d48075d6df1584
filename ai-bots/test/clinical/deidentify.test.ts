/** What identifies people is taken out; what a note needs stays. */
import { describe, expect, test } from '@jest/globals';
import { deidentify } from '../../clinical/deidentify/index.ts';

const known = {
  names: ['Maria Alvarez', "O'Brien"],
  dates: ['1970-05-04'],
  ids: ['555-123-4567', 'MRN 0042-77', '12 Elm Court'],
};

describe('deidentify', () => {
  test.each([
    ['hi maria how are you', 'hi [NAME] how are you'],
    ['Alvarez, Maria is here.', '[NAME], [NAME] is here.'],
    ["MARIA ALVAREZ's knee and Dr. Chen", '[NAME] knee and Dr. [NAME]'],
    ['My name is Rosa Lopez and I cough.', 'My name is [NAME] and I cough.'],
    ['call me at (555) 123 4567', 'call me at [ID]'],
    ['or at 212-555-0199, or 555-0199', 'or at [PHONE], or [PHONE]'],
    ['it is five five five one two three four five six seven', 'it is [PHONE]'],
    ['write to rosa.l@mail.example.org', 'write to [EMAIL]'],
    ['see https://portal.example.org/p?id=3', 'see [URL]'],
    ['mrn 0042-77 and account number A-99812', '[ID] and account number [ID]'],
    ['social security 123-45-6789', 'social security [ID]'],
    [
      'I live at 12 elm court or 900 North Main Street, Springfield, IL 62704',
      'I live at [ID] or [ADDRESS], Springfield, [ADDRESS]',
    ],
    ['born 1970-05-04, seen 3/14/2024', 'born [ID], seen [DATE]'],
    ['on March 3rd, 2024 and the fourth of July', 'on [DATE] and [DATE]'],
    ['in October of 2019', 'in [DATE]'],
    ['a 94-year-old woman', 'a 90-or-more-year-old woman'],
    ['a ninety two year old man', 'a 90-or-more year old man'],
    ['I am 97.', 'I am 90 or more.'],
  ])('%s', (text, expected) => {
    expect(deidentify(text, known)).toBe(expected);
  });

  test.each([
    'a 54-year-old woman with type 2 diabetes',
    'blood pressure is 132/80, pulse 96, temperature 98.4',
    'lisinopril 20 mg once a day for 10 days, follow up in 2 weeks',
    'oxygen saturation is ninety eight percent',
    'it may be worse in the morning, since last march or so',
  ])('leaves clinical words alone: %s', (text) => {
    expect(deidentify(text, known)).toBe(text);
  });

  test('takes out what finders know, which may be a part of what they match.', () => {
    const finders = [{ kind: 'NAME', pattern: /nurse (\w+)/gi }];
    expect(deidentify('ask nurse kim', { finders })).toBe('ask nurse [NAME]');
  });

  test('takes nothing more out of what it gave.', () => {
    const once = deidentify('Maria, 3/14/2024, 212-555-0199, a 94-year-old', known);
    expect(deidentify(once, known)).toBe(once);
  });
});
