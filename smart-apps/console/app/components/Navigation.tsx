/** The console's name, its pages, and who is logged in. */
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

/** Each with the pages that belong to it. */
const PLACES = [
  ['types', ['search', 'create', 'resource']],
  ['users', ['user']],
  ['clients', ['client']],
  ['grants', []],
  ['policies', ['policy']],
  ['access', []],
  ['subscriptions', []],
  ['audit', []],
  ['bots', []],
  ['metrics', []],
  ['packages', []],
  ['server', []],
  ['query', []],
] as const;

export function Navigation({ page, fhirUser }: { page: string; fhirUser: string }) {
  const t = useText();
  return (
    <>
      <Typography component="span" sx={{ fontWeight: 700 }}>
        {t('app.title')}
      </Typography>
      <Box component="nav" aria-label={t('app.navigation')} sx={{ flexGrow: 1 }}>
        <Box
          component="ul"
          sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2, rowGap: 0.5, m: 0, p: 0, listStyle: 'none' }}
        >
          {PLACES.map(([place, within]) => {
            const isHere = page === place || (within as readonly string[]).includes(page);
            return (
              <li key={place}>
                <Link
                  href={pathTo(place, {})}
                  color="inherit"
                  aria-current={page === place ? 'page' : isHere}
                  sx={{
                    display: 'inline-block',
                    py: 0.5,
                    textDecoration: isHere ? 'underline' : 'none',
                    textDecorationThickness: 3,
                    textUnderlineOffset: 6,
                    fontWeight: isHere ? 700 : 400,
                    '&:hover': { textDecoration: 'underline' },
                    '&:focus-visible': { outlineColor: 'currentColor' },
                  }}
                >
                  {t(`nav.${place}`)}
                </Link>
              </li>
            );
          })}
        </Box>
      </Box>
      <Typography component="span" variant="body2">
        {fhirUser}
      </Typography>
    </>
  );
}
