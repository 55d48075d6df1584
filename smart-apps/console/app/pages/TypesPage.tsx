/** Every type of resources that the server has. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import { EmptyState, PageHeading } from '@dr-assistant/ui/layout';
import { typesOf, useCapabilities } from '../api/use-capabilities.ts';
import { Loading } from '../components/Loading.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export function TypesPage() {
  const t = useText();
  const capabilities = useCapabilities();
  const [filter, setFilter] = useState('');
  const types = typesOf(capabilities.data).filter((type) =>
    type.toLowerCase().includes(filter.toLowerCase()),
  );
  return (
    <>
      <PageHeading title={t('types.title')} />
      <TextField
        label={t('types.filter')}
        type="search"
        size="small"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
        sx={{ width: '20rem', maxWidth: '100%' }}
      />
      <Loading of={capabilities} />
      {capabilities.data !== undefined && (
        <Paper variant="outlined" sx={{ p: 2 }}>
          {types.length === 0 && <EmptyState text={t('types.none', { filter })} />}
          <Box
            component="ul"
            aria-label={t('types.title')}
            sx={{ columns: '17rem', m: 0, p: 0, listStyle: 'none', '& li': { py: 0.25 } }}
          >
            {types.map((type) => (
              <li key={type}>
                <Link href={pathTo('search', { type })}>{type}</Link>
              </li>
            ))}
          </Box>
        </Paper>
      )}
    </>
  );
}
