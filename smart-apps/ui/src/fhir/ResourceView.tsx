/** Any FHIR resource, element by element, in words. */
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { resourceRows, type ResourceRow } from '../format/index.ts';
import { useUiText, useWords } from '../i18n/index.ts';
import type { HrefOf } from './ReferenceLink.tsx';

interface Props {
  readonly resource: object;
  /** Elements that are not shown: `['text', 'meta']`. */
  readonly without?: readonly string[];
  readonly hrefOf?: HrefOf;
}

export function ResourceView({ resource, without = [], hrefOf }: Props) {
  const t = useUiText();
  const rows = resourceRows(resource, useWords()).filter(
    ({ path }) => !without.includes(path.split(/[.[]/)[0] ?? ''),
  );
  if (rows.length === 0) return <Typography color="text.secondary">{t('resource.empty')}</Typography>;
  return <Rows rows={rows} hrefOf={hrefOf} />;
}

function Rows({ rows, hrefOf }: { rows: readonly ResourceRow[]; hrefOf: HrefOf | undefined }) {
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: 'grid',
        gap: 0.5,
        columnGap: 2,
        gridTemplateColumns: { xs: '1fr', sm: 'minmax(8rem, 14rem) 1fr' },
      }}
    >
      {rows.map((row) => (
        // A group, so that a term stays with its description in the grid.
        <Box key={row.path} sx={{ display: 'contents' }}>
          <Typography component="dt" color="text.secondary">
            {row.label}
          </Typography>
          <Box component="dd" sx={{ m: 0, whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
            <Value row={row} hrefOf={hrefOf} />
          </Box>
        </Box>
      ))}
    </Box>
  );
}

function Value({ row, hrefOf }: { row: ResourceRow; hrefOf: HrefOf | undefined }) {
  if (row.rows !== undefined) return <Rows rows={row.rows} hrefOf={hrefOf} />;
  const href = row.reference === undefined ? undefined : hrefOf?.(row.reference);
  return href === undefined ? <>{row.text}</> : <Link href={href}>{row.text}</Link>;
}
