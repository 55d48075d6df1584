/** A button whose deed is asked about before it is done. */
import { useState } from 'react';
import Button from '@mui/material/Button';
import { ConfirmDialog } from '@dr-assistant/ui/layout';

interface Props {
  readonly label: string;
  /** What will happen. */
  readonly text: string;
  readonly isDangerous?: boolean;
  readonly disabled?: boolean;
  readonly onConfirm: () => void;
}

export function ConfirmedAction({ label, text, isDangerous = false, disabled = false, onConfirm }: Props) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button
        variant="outlined"
        disabled={disabled}
        {...(isDangerous ? { color: 'error' as const } : {})}
        onClick={() => setIsAsking(true)}
      >
        {label}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={label}
        confirm={label}
        onConfirm={() => {
          setIsAsking(false);
          onConfirm();
        }}
        onCancel={() => setIsAsking(false)}
      >
        {text}
      </ConfirmDialog>
    </>
  );
}
