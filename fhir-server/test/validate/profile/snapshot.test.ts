/** Snapshots made from differentials are those that the publishers made. */
import { describe, expect, test } from '@jest/globals';
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { generateProfiles } from '../../../src/fhir/definitions/generate-profiles.ts';
import { standardStructureDefinition } from '../../../src/fhir/definitions/index.ts';
import { DefinitionError, generateSnapshot } from '../../../src/validate/profile/index.ts';
import { testWith } from '../../support/requirement.ts';
import { loadUsCore, usCoreData } from '../../support/us-core.ts';

const COMPARED = /^(?:min|max|minValue.*|maxValue.*|maxLength|fixed.*|pattern.*|sliceName|mustSupport)$/;

/** What validation needs of an element. */
function essence(element: ElementDefinition): Record<string, unknown> {
  const { type, binding, slicing, constraint, contentReference, path = '' } = element;
  // Publishers write the types of these as FHIRPath system types.
  const isSystemType = /\.id$|\.extension\.url$|^Extension\.url$/.test(path.replaceAll(/:[^.]*/g, ''));
  return {
    ...Object.fromEntries(Object.entries(element).filter(([name]) => COMPARED.test(name))),
    type: isSystemType ? [] : (type ?? []).map((t) => [t.code, t.profile, t.targetProfile]),
    binding: binding && [binding.strength, binding.valueSet?.split('|')[0]],
    slicing: slicing && [slicing.discriminator, slicing.rules],
    contentReference: contentReference?.replace(/^.*#/, ''),
    constraints: (constraint ?? [])
      .map((c) => c.key ?? '')
      .filter((key) => key !== 'ele-1' && key !== 'ext-1')
      .sort(),
  };
}

const byId = (elements: readonly ElementDefinition[]): Record<string, unknown> =>
  Object.fromEntries(elements.map((element) => [element.id ?? '', essence(element)]));

testWith(usCoreData)('Each US Core profile has the snapshot that its publisher made.', async () => {
  const { resources } = await loadUsCore();
  const all = resources.flatMap(({ resource }) =>
    resource.resourceType === 'StructureDefinition' ? [resource] : [],
  );
  const bare = new Map(all.map(({ snapshot: _snapshot, ...rest }) => [rest.url, rest]));
  const find = (canonical: string): StructureDefinition | undefined =>
    bare.get(canonical.split('|')[0] ?? '') ?? standardStructureDefinition(canonical);
  expect(all).toHaveLength(59);
  for (const profile of all) {
    // Its base is in a package that US Core depends on and that is not here.
    if (profile.name === 'USCoreQuestionnaireResponseProfile') {
      expect(() => generateSnapshot(profile, find)).toThrow(/sdc-questionnaireresponse is not known/);
      continue;
    }
    expect([profile.name, byId(generateSnapshot(profile, find))]).toEqual([
      profile.name,
      byId(profile.snapshot?.element ?? []),
    ]);
  }
});

/** Profiles of the standard whose published snapshot says something else, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // Older publishers closed value[x] also where the type need not be there, or left its min alone.
  ...Object.fromEntries(
    ['bodyweight', 'bodyheight', 'resprate', 'heartrate', 'bodytemp', 'headcircum', 'oxygensat', 'bmi', 'bp', 'devicemetricobservation'].map(
      (name) => [name, 'how a renamed choice shows in the choice'],
    ),
  ), // prettier-ignore
  ...Object.fromEntries(
    ['cholesterol', 'hdlcholesterol', 'ldlcholesterol', 'triglyceride'].map((name) => [
      name,
      'constraints of SimpleQuantity are copied, which we follow by its canonical',
    ]),
  ),
  catalog: 'the published snapshot lacks an element of its base',
  'ehrsrle-auditevent': 'the definitions at hand widen the targets of AuditEvent, which its base is',
  'elementdefinition-de': 'the published snapshot renamed choices that the differential does not',
  'familymemberhistory-genetic': 'the published snapshot lacks elements of its base',
  picoelement: 'the definitions at hand have an EvidenceVariable without the choice that it constrains',
  'provenance-relevant-history': 'a contentReference was made to lead to a slice',
};

describe('Profiles and extensions of the standard', () => {
  const all = generateProfiles().filter((s) => s.derivation === 'constraint');

  test('Each extension has the snapshot that was published.', () => {
    const extensions = all.filter((s) => s.type === 'Extension');
    expect(extensions.length).toBeGreaterThan(390);
    for (const extension of extensions) {
      const generated = generateSnapshot(extension, standardStructureDefinition);
      expect([extension.url, byId(generated)]).toEqual([
        extension.url,
        byId(extension.snapshot?.element ?? []),
      ]);
    }
  });

  test('Each profile has the snapshot that was published, but for those that are listed.', () => {
    const different = all
      .filter((s) => s.type !== 'Extension')
      .flatMap((profile) => {
        const name = (profile.url ?? '').replace(/^.*\//, '');
        try {
          const generated = byId(generateSnapshot(profile, standardStructureDefinition));
          expect(generated).toEqual(byId(profile.snapshot?.element ?? []));
          return [];
        } catch {
          return [name];
        }
      });
    expect(different.sort()).toEqual(Object.keys(EXCEPTIONS).sort());
  });
});

const profile = (differential: ElementDefinition[], more: object = {}): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url: 'http://example.org/p',
  name: 'P',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: differential },
  ...more,
});

describe('What no snapshot can be made of is refused with its place', () => {
  test.each<[string, StructureDefinition, string]>([
    ['an unknown element', profile([{ path: 'Patient.nose' }]), 'differential.element[0]'],
    ['another type', profile([{ path: 'Observation.code' }]), 'differential.element[0].path'],
    ['no path', profile([{ path: '' }]), 'differential.element[0]'],
    ['below a choice', profile([{ path: 'Patient.deceased[x].value' }]), 'differential.element[0]'],
    ['an unknown base', profile([], { baseDefinition: 'http://example.org/none' }), 'baseDefinition'],
    ['itself as its base', profile([], { baseDefinition: 'http://example.org/p' }), 'baseDefinition'],
    [
      'a path that has no end',
      profile([{ path: `Patient.contact${'.extension'.repeat(60)}` }]),
      'differential.element[0]',
    ],
  ])('%s', (_name, definition, place) => {
    const find = (canonical: string): StructureDefinition | undefined =>
      canonical === definition.url ? definition : standardStructureDefinition(canonical);
    const attempt = (): unknown => generateSnapshot(definition, find);
    expect(attempt).toThrow(DefinitionError);
    expect(attempt).toThrow(expect.objectContaining({ expression: `StructureDefinition.${place}` }));
  });
});
