/** Asks before something that cannot be taken back; Escape and the first button mean no. */
import { useId, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useUiText } from '../i18n/index.ts';

interface Props {
  readonly isOpen: boolean;
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** The deed: "Sign", "Delete". */
  readonly confirm: string;
  /** "Cancel" when left out. */
  readonly cancel?: string;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

export function ConfirmDialog({ isOpen, title, children, confirm, cancel, onConfirm, onCancel }: Props) {
  const t = useUiText();
  const id = useId();
  return (
    <Dialog open={isOpen} onClose={onCancel} aria-labelledby={id}>
      <DialogTitle id={id}>{title}</DialogTitle>
      <DialogContent>{children}</DialogContent>
      <DialogActions>
        <Button onClick={onCancel}>{cancel ?? t('confirm.cancel')}</Button>
        <Button variant="contained" onClick={onConfirm}>
          {confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
