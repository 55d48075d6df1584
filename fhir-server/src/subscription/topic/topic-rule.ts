/** What a Basic resource must pass when it is a topic: everything in it can be served. */
import type { Basic, Resource } from '@medplum/fhirtypes';
import { FhirError, issue } from '../../fhir/outcome.ts';
import type { WriteRule } from '../../interaction/index.ts';
import type { CriteriaContext } from '../criteria.ts';
import { compileTopic } from './compile-topic.ts';
import { isTopic, parseTopic } from './parse-topic.ts';

export const createTopicRule = (context: CriteriaContext): Required<Pick<WriteRule, 'check'>> => ({
  check(resource: Resource): Resource {
    const basic = resource as Basic;
    if (!isTopic(basic)) return resource;
    // Who may write what belongs to a patient shall not put a topic in the place of the clinic's.
    if (basic.subject !== undefined)
      throw new FhirError(422, [issue('business-rule', 'a topic has no subject', 'Basic.subject')]);
    compileTopic(parseTopic(basic), context);
    return resource;
  },
});
