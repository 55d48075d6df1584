/** A reference that the app knows how to open; without an `hrefOf`, or where it answers undefined, it is text. */
import Link from '@mui/material/Link';
import type { Reference } from '@medplum/fhirtypes';
import { formatReference } from '../format/index.ts';
import { useWords } from '../i18n/use-words.ts';

/** `Patient/1` → `#/resource/Patient/1`. */
export type HrefOf = (reference: string) => string | undefined;

export function ReferenceLink({ value, hrefOf }: { value: Reference; hrefOf?: HrefOf | undefined }) {
  const text = formatReference(value, useWords());
  const href = value.reference === undefined ? undefined : hrefOf?.(value.reference);
  return href === undefined ? <>{text}</> : <Link href={href}>{text}</Link>;
}
