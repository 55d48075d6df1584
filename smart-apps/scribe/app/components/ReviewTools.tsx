/** Taking back a step of the review, and the keys with which it goes without a mouse. */
import { useId, useState } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Stack from '@mui/material/Stack';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import { useText } from '../words.ts';

interface Props {
  readonly isFinal: boolean;
  readonly undo: (() => void) | undefined;
  readonly redo: (() => void) | undefined;
  readonly hasSound: boolean;
}

const READING = ['move', 'source'] as const;
const SOUND = ['play'] as const;
const JUDGING = ['accept', 'reject', 'edit', 'undo', 'redo', 'sign'] as const;

export function ReviewTools({ isFinal, undo, redo, hasSound }: Props) {
  const t = useText();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const rows = [...READING, ...(hasSound ? SOUND : []), ...(isFinal ? [] : JUDGING)];
  return (
    <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
      {!isFinal && (
        <>
          <Button variant="outlined" disabled={undo === undefined} onClick={undo}>
            {t('review.undo')}
          </Button>
          <Button variant="outlined" disabled={redo === undefined} onClick={redo}>
            {t('review.redo')}
          </Button>
        </>
      )}
      <Button variant="outlined" onClick={() => setOpen(true)}>
        {t('keys.open')}
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} aria-labelledby={id}>
        <DialogTitle id={id}>{t('keys.title')}</DialogTitle>
        <DialogContent>
          <Table size="small">
            <TableBody>
              {rows.map((row) => (
                <TableRow key={row}>
                  <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap' }}>
                    <kbd>{t(`keys.${row}-key`)}</kbd>
                  </TableCell>
                  <TableCell>{t(`keys.${row}`)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </DialogContent>
        <DialogActions>
          <Button onClick={() => setOpen(false)}>{t('keys.close')}</Button>
        </DialogActions>
      </Dialog>
    </Stack>
  );
}
