/** Who a user is in the records, and what he may do. */
import Box from '@mui/material/Box';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormLabel from '@mui/material/FormLabel';
import TextField from '@mui/material/TextField';
import type { ApiFault } from '@dr-assistant/ui/session';
import type { Policy } from '../api/admin-documents.ts';
import { useDocument } from '../api/console-api.ts';
import { useText } from '../words.ts';
import { Choice } from './Choice.tsx';

export interface Rights {
  readonly role: string;
  readonly fhirUser: string;
  readonly organization: string;
  readonly clearance: readonly string[];
}

const CLEARANCES = ['R', 'V', 'consent'] as const;

/** The document for the admin API: an organization that is not given is left out. */
export const rightsDocument = ({ organization, ...rights }: Rights): object => ({
  ...rights,
  ...(organization === '' ? {} : { organization }),
});

interface Props {
  readonly value: Rights;
  readonly fault: unknown;
  readonly onChange: (value: Rights) => void;
}

export function RightsFields({ value, fault, onChange }: Props) {
  const t = useText();
  const policies = useDocument<{ policies: readonly Policy[] }>('/admin/policies');
  const names = policies.data?.policies.map(({ name }) => name) ?? [];
  const text = (member: 'fhirUser' | 'organization') => (
    <TextField
      label={t(`users.${member}`)}
      size="small"
      value={value[member]}
      required={member === 'fhirUser'}
      placeholder={t(`users.${member}-example`)}
      error={faultOf(fault, member) !== undefined}
      helperText={faultOf(fault, member)}
      onChange={(event) => onChange({ ...value, [member]: event.target.value })}
      sx={{ width: '20rem' }}
    />
  );
  return (
    <>
      <Box sx={{ display: 'flex', gap: 2, flexWrap: 'wrap' }}>
        <Choice
          label={t('users.role')}
          value={value.role}
          options={[['', t('search.choose')], ...names.map((name) => [name, name] as const)]}
          onChange={(role) => onChange({ ...value, role })}
        />
        {text('fhirUser')}
        {text('organization')}
      </Box>
      <Box component="fieldset" sx={{ border: 0, p: 0, m: 0 }}>
        <FormLabel component="legend">{t('users.clearance')}</FormLabel>
        {CLEARANCES.map((word) => (
          <FormControlLabel
            key={word}
            label={t(`clearance.${word}`)}
            control={
              <Checkbox
                size="small"
                checked={value.clearance.includes(word)}
                onChange={({ target }) =>
                  onChange({
                    ...value,
                    clearance: target.checked
                      ? [...value.clearance, word]
                      : value.clearance.filter((other) => other !== word),
                  })
                }
              />
            }
          />
        ))}
      </Box>
    </>
  );
}

/** What the server says of one member. */
export const faultOf = (fault: unknown, member: string): string | undefined =>
  (fault as ApiFault | undefined)?.issues?.find(({ places }) => places.includes(member))?.text;
