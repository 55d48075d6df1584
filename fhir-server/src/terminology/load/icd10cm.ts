/**
 * ICD-10-CM, from the order file of the yearly "code descriptions in tabular order" of CMS: fixed columns with the order, the
 * code without its dot, whether it is valid for a bill, and a short and a long description. https://hl7.org/fhir/R4/icd.html
 */
import { LoadError } from './load-error.ts';
import { type Loader, type PieceBuilder, SYNONYM, versionOf } from './loader.ts';
import type { RawRecord } from './read-records.ts';
import { fileOf } from './release.ts';

const ORDER_FILE = /(?:^|\/)icd10cm[-_]order[-_](?!addenda)[^/]*\.txt$/i;
const LINE = /^\d{5} (?=[A-Z][0-9A-Z]{2,6} )(.{7}) ([01]) (.{60}) (.*)$/;

export const icd10cm: Loader = {
  name: 'icd10cm',
  title: 'ICD-10-CM: icd10cm-order-<year>.txt, or the .zip of the code descriptions in tabular order',
  plan(release, version) {
    const file = fileOf(release, ORDER_FILE, 'icd10cm-order-<year>.txt');
    return {
      system: {
        url: 'http://hl7.org/fhir/sid/icd-10-cm',
        version: versionOf(version, /(\d{4})[^/]*\.txt$/.exec(file.path)?.[1], release),
        name: 'ICD10CM',
        title: 'International Classification of Diseases, 10th Revision, Clinical Modification',
        content: 'complete',
        hierarchyMeaning: 'is-a',
        valueSet: 'http://hl7.org/fhir/sid/icd-10-cm/vs',
      },
      about: {
        publisher: 'National Center for Health Statistics and Centers for Medicare & Medicaid Services',
        property: [
          { code: 'billable', type: 'boolean', description: 'Whether the code is valid for a bill' },
          { code: 'order', type: 'integer', description: 'Its place in the tabular list' },
        ],
      },
      steps: [{ file, format: { kind: 'lines' }, remembers: true, read: orderReader() }],
    };
  },
};

const dotted = (code: string): string => (code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code);

/** A code stands below the longest beginning of it that is a code; headings come before what is below them. */
function orderReader(): (record: RawRecord, piece: PieceBuilder) => void {
  const seen = new Set<string>();
  return ({ line = '' }, piece) => {
    const [, column, billable, short = '', long = ''] = LINE.exec(line) ?? [];
    if (column === undefined)
      throw new LoadError('not an order, a code, 0 or 1, and two descriptions in their columns');
    const plain = column.trimEnd();
    const code = dotted(plain);
    const display = long.trim() === '' ? short.trim() : long.trim();
    piece.concepts.push({ code, display });
    piece.properties.push({ code, property: { code: 'billable', valueBoolean: billable === '1' } });
    piece.properties.push({ code, property: { code: 'order', valueInteger: Number(line.slice(0, 5)) } });
    if (short.trim() !== display)
      piece.designations.push({ code, language: 'en', use: SYNONYM, value: short.trim() });
    seen.add(plain);
    for (let length = plain.length - 1; length >= 3; length -= 1)
      if (seen.has(plain.slice(0, length))) {
        piece.parents.push({ code, parent: dotted(plain.slice(0, length)) });
        break;
      }
  };
}
