/** Instead of a blank page: what went wrong, and a way back. */
import { Component, type ReactNode } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useUiText } from '../i18n/index.ts';

interface Props {
  /** Follows what went wrong: what of the user's work is kept. */
  readonly hint?: string;
  readonly children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { fault: string | undefined }> {
  override state: { fault: string | undefined } = { fault: undefined };

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: error instanceof Error ? error.message : '' };
  }

  override render(): ReactNode {
    const { fault } = this.state;
    return fault === undefined ? this.props.children : <Notice fault={fault} hint={this.props.hint} />;
  }
}

function Notice({ fault, hint }: { fault: string; hint: string | undefined }) {
  const t = useUiText();
  return (
    <Alert severity="error" action={<Button onClick={() => location.reload()}>{t('fault.reload')}</Button>}>
      {[fault === '' ? t('fault.page') : fault, hint].filter(Boolean).join(' ')}
    </Alert>
  );
}
