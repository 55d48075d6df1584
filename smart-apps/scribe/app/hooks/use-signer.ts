/** The user as who signs, with the name as it stands in the record. */
import { useMemo } from 'react';
import type { Practitioner, Reference } from '@medplum/fhirtypes';
import { nameOf } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { usePersonQuery } from '../api/scribe-api.ts';

/** Without a name until it is read, or where the user may not read it. @param fhirUser `Practitioner/1` */
export function useSigner(fhirUser: string): Reference<Practitioner> {
  const words = useWords();
  const { data } = usePersonQuery(fhirUser);
  return useMemo(() => {
    const display = data?.name === undefined ? undefined : nameOf(data, words);
    return { reference: fhirUser, ...(display === undefined ? {} : { display }) };
  }, [fhirUser, data, words]);
}
