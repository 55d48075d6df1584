/** Identifiers that are known by their form, whoever they belong to. */
import { finder, standing, type Finder } from './finder.ts';

const DIGIT = '(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)';
const STREET =
  '(?:street|st|avenue|ave|road|rd|drive|lane|ln|boulevard|blvd|court|ct|way|place|pl|highway|terrace|circle)';
const ID_NAME =
  '(?:mrn|medical record(?: number)?|record number|account number|member (?:id|number)|policy number|insurance number|social security(?: number)?|ssn|license number|passport(?: number)?)';

export const PATTERNS: readonly Finder[] = [
  finder('URL', String.raw`(?:https?:\/\/|www\.)[^\s<>"']+`),
  finder('EMAIL', String.raw`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`),
  finder(
    'EMAIL',
    standing(String.raw`[\p{L}\p{N}._-]+\s+at\s+[\p{L}\p{N}-]+\s+dot\s+(?:com|org|net|edu|gov|io|uk|de)`),
  ),
  finder('ID', standing(String.raw`\d{3}[-\s]\d{2}[-\s]\d{4}`)),
  finder(
    'ID',
    standing(String.raw`${ID_NAME}[\s:#]*(?:is\s+|number\s+)?((?=[\p{L}-]*\d)[\p{L}\p{N}][\p{L}\p{N}-]{3,})`),
  ),
  finder('PHONE', String.raw`(?<![\p{L}\p{N}])\+\d[\d\s().-]{6,}\d(?!\d)`),
  finder(
    'PHONE',
    String.raw`(?<![\p{L}\p{N}])(?:1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]?\d{4}(?![\p{L}\p{N}])`,
  ),
  finder('PHONE', standing(String.raw`\d{3}[.-]\d{4}`)),
  finder('PHONE', standing(String.raw`${DIGIT}(?:[\s,.-]+${DIGIT}){6,}`)),
  finder('ID', standing(String.raw`\d{7,}`)),
  finder('ADDRESS', standing(String.raw`\d{1,5}\s+(?:[\p{L}\p{N}.'’-]+\s+){1,3}${STREET}\.?`)),
  finder('ADDRESS', String.raw`(?<![\p{L}])[A-Z]{2}\s+\d{5}(?:-\d{4})?(?!\d)`, true),
  // Only behind what announces a name is an unknown word taken for one.
  finder(
    'NAME',
    String.raw`(?<!\p{L})(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?|Miss|Doctor|Professor|Nurse)\s+(\p{Lu}[\p{L}'’-]+)`,
    true,
  ),
  finder(
    'NAME',
    String.raw`(?<!\p{L})[Mm]y (?:first |last |full )?name(?:'s| is)\s+([\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]+){0,3})`,
    true,
  ),
];
