/** Who is logged in, and the way to each page; on a narrow screen the ways unfold. */
import { useId, useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { nameOf } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useRecordQuery } from '../api/portal-api.ts';
import { pathTo, type useRoute } from '../routes.ts';
import { useText } from '../words.ts';

type Page = ReturnType<typeof useRoute>['page'];

/** Each place with the pages that are part of it. */
const PLACES = [
  ['home', []],
  ['record', ['document']],
  ['appointments', ['book', 'move']],
  ['messages', ['write', 'thread']],
  ['forms', ['form', 'answers']],
  ['accesses', []],
  ['download', ['summary']],
  ['privacy', []],
] as const satisfies readonly (readonly [Page, readonly Page[]])[];

export function PortalHeader({ session, page }: { session: PatientSession; page: Page }) {
  const t = useText();
  const words = useWords();
  const id = useId();
  const { data } = useRecordQuery(session);
  const [isOpen, setOpen] = useState(false);
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, width: '100%' }}>
      <Typography component="span" sx={{ fontWeight: 650, fontSize: '1.1rem', flexGrow: 1 }}>
        {t('app.title')}
      </Typography>
      <Typography component="span">{data && nameOf(data.patient, words)}</Typography>
      <Button
        color="inherit"
        variant="outlined"
        size="small"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        sx={{ display: { md: 'none' } }}
      >
        {t('app.menu')}
      </Button>
      <Box
        component="nav"
        id={id}
        aria-label={t('app.menu')}
        sx={{ flexBasis: '100%', display: { xs: isOpen ? 'block' : 'none', md: 'block' } }}
      >
        <Box
          component="ul"
          sx={{
            listStyle: 'none',
            m: 0,
            p: 0,
            display: 'flex',
            flexDirection: { xs: 'column', md: 'row' },
            columnGap: 1,
          }}
        >
          {PLACES.map(([place, parts]) => {
            const isHere = place === page || (parts as readonly Page[]).includes(page);
            return (
              <li key={place}>
                <Link
                  href={pathTo(place, {})}
                  color="inherit"
                  aria-current={place === page ? 'page' : isHere}
                  onClick={() => setOpen(false)}
                  sx={{
                    display: 'block',
                    px: 1.5,
                    py: 0.75,
                    borderRadius: 1,
                    textDecoration: 'none',
                    fontWeight: isHere ? 700 : 400,
                    borderBottom: '3px solid',
                    borderColor: isHere ? 'currentColor' : 'transparent',
                    '&:hover': { textDecoration: 'underline' },
                  }}
                >
                  {t(`place.${place}`)}
                </Link>
              </li>
            );
          })}
        </Box>
      </Box>
    </Box>
  );
}
