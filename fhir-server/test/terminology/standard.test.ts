/** The value sets and code systems of R4 itself, which every server knows: https://hl7.org/fhir/R4/terminologies-valuesets.html */
import { describe, expect, test } from '@jest/globals';
import { codesAbove, codesBelow, expandForSearch } from '../../src/terminology/index.ts';
import { expectRefused, listed, OPEN, source, valueSet } from './stored.ts';

const HL7 = 'http://hl7.org/fhir/ValueSet';
const THO = 'http://terminology.hl7.org/CodeSystem';

const codes = async (canonical: string): Promise<string[]> =>
  (await expandForSearch(source(), canonical)).codes.map(({ system, code }) => `${system}|${code}`);

describe('The standard', () => {
  test('defines the states of an Observation.', async () => {
    const states = 'registered preliminary final amended corrected cancelled entered-in-error unknown'.split(
      ' ',
    );
    const expected = states.map((code) => `http://hl7.org/fhir/observation-status|${code}`);
    expect(await codes(`${HL7}/observation-status`)).toEqual(expected);
    expect(await codes(`${HL7}/observation-status|4.0.1`)).toEqual(expected);
  });

  test('defines marital status by two systems, one of them with one code.', async () => {
    const status = await codes(`${HL7}/marital-status`);
    expect(status).toHaveLength(11);
    expect(status).toContain(`${THO}/v3-MaritalStatus|M`);
    expect(status.filter((c) => c.startsWith(`${THO}/v3-NullFlavor`))).toEqual([`${THO}/v3-NullFlavor|UNK`]);
  });

  test('has the hierarchy of v3-ActCode.', async () => {
    const below = await codesBelow(source(), `${THO}/v3-ActCode`, '_ActEncounterCode');
    expect(below).toEqual(expect.arrayContaining(['_ActEncounterCode', 'AMB', 'IMP', 'ACUTE', 'NONAC']));
    expect(await codesAbove(source(), `${THO}/v3-ActCode`, 'ACUTE')).toEqual(
      expect.arrayContaining(['ACUTE', 'IMP', '_ActEncounterCode']),
    );
    expect(await codes(`http://terminology.hl7.org/ValueSet/v3-ActEncounterCode`)).toContain(
      `${THO}/v3-ActCode|AMB`,
    );
  });

  test('excludes the abstract head of a filter.', async () => {
    const participants = await codes(`${HL7}/encounter-participant-type`);
    expect(participants).toContain(`${THO}/v3-ParticipationType|ADM`);
    expect(participants).not.toContain(`${THO}/v3-ParticipationType|_ParticipationAncillary`);
  });

  test('has the tables of v2, and whole systems that are not its own.', async () => {
    expect(await codes('http://terminology.hl7.org/ValueSet/v2-0001')).toContain(`${THO}/v2-0001|F`);
    expect(await expandForSearch(source(), `${HL7}/mimetypes`)).toEqual({
      codes: [],
      systems: ['urn:ietf:bcp:13'],
    });
  });

  test('gives way to what is stored here.', async () => {
    const own = valueSet(`${HL7}/marital-status`, { include: [listed(OPEN, 'x')] });
    expect((await expandForSearch(source(own), own.url!)).codes).toEqual([{ system: OPEN, code: 'x' }]);
  });

  test('is not known in another version, nor are SNOMED CT and LOINC except as a whole.', async () => {
    await expectRefused(codes(`${HL7}/marital-status|3.0.2`), 'not-found', `${HL7}/marital-status|3.0.2`);
    await expectRefused(codes(`${HL7}/condition-code`), 'not-found', 'http://snomed.info/sct');
    const whole = { codes: [], systems: ['http://snomed.info/sct'] };
    expect(await expandForSearch(source(), 'http://snomed.info/sct?fhir_vs')).toEqual(whole);
    await expectRefused(
      codes('http://snomed.info/sct?fhir_vs=isa/73211009'),
      'not-found',
      'http://snomed.info/sct',
    );
    await expectRefused(codes('http://snomed.info/sct?fhir_vs=ecl/x'), 'not-found', 'fhir_vs=ecl/x');
    expect((await expandForSearch(source(), 'http://loinc.org/vs')).systems).toEqual(['http://loinc.org']);
  });
});
