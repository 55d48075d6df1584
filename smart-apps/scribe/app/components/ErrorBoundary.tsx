/** Instead of a blank page: what went wrong, and a way back. */
import { Component, type ReactNode } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';

export class ErrorBoundary extends Component<{ children: ReactNode }, { fault: string | undefined }> {
  override state: { fault: string | undefined } = { fault: undefined };

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: error instanceof Error ? error.message : 'Something went wrong.' };
  }

  override render(): ReactNode {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <Alert severity="error" action={<Button onClick={() => location.reload()}>Reload</Button>}>
        {this.state.fault} What you had edited is kept in this browser.
      </Alert>
    );
  }
}
