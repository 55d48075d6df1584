/** A failed request, with what the scribe knows about the reviewer's unsigned work. */
import { FaultAlert } from '@dr-assistant/ui/layout';
import { useText } from '../words.ts';

export function ScribeFault({ fault }: { fault: unknown }) {
  const t = useText();
  const words = {
    412: t('app.conflict'),
    'consent-withdrawn': t('consent.withdrawn'),
    'draft-missing': t('draft.missing'),
    'draft-none': t('draft.none'),
  };
  return <FaultAlert fault={fault} hint={t('app.kept')} words={words} />;
}
