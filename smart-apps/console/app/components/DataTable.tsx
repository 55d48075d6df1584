/** Rows of whatever, which scroll sideways where the page is narrow. */
import { Fragment, type ReactNode } from 'react';
import Paper from '@mui/material/Paper';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { EmptyState } from '@dr-assistant/ui/layout';

export interface TableRowOf {
  readonly key: string;
  /** The first one names the row. */
  readonly cells: readonly ReactNode[];
  /** What the row opens to, over the whole width. */
  readonly below?: ReactNode;
}

interface Props {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRowOf[];
  /** Instead of a table without rows. */
  readonly none: string;
}

const ROW_HEADER = { scope: 'row' } as const;

export function DataTable({ label, columns, rows, none }: Props) {
  if (rows.length === 0)
    return (
      <Paper variant="outlined">
        <EmptyState text={none} />
      </Paper>
    );
  return (
    <TableContainer component={Paper} variant="outlined" tabIndex={0} role="region" aria-label={label}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            {columns.map((column) => (
              <TableCell key={column} sx={{ fontWeight: 650, whiteSpace: 'nowrap' }}>
                {column}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map(({ key, cells, below }) => (
            <Fragment key={key}>
              <TableRow hover>
                {cells.map((cell, i) => (
                  <TableCell
                    key={columns[i]}
                    component={i === 0 ? 'th' : 'td'}
                    {...(i === 0 ? ROW_HEADER : {})}
                    sx={{ overflowWrap: 'break-word' }}
                  >
                    {cell}
                  </TableCell>
                ))}
              </TableRow>
              {below !== undefined && (
                <TableRow>
                  <TableCell colSpan={columns.length}>{below}</TableCell>
                </TableRow>
              )}
            </Fragment>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
