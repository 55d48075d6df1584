/** Where a recorded visit stands; what waits for the clinician stands out. */
import Chip from '@mui/material/Chip';
import type { VisitStage } from '../api/visit-stage.ts';
import { useText } from '../words.ts';

const COLORS = {
  waiting: 'default',
  drafting: 'default',
  stuck: 'warning',
  review: 'warning',
  signed: 'success',
} as const satisfies Readonly<Record<VisitStage, 'default' | 'warning' | 'success'>>;

export function StageChip({ stage }: { stage: VisitStage }) {
  const t = useText();
  return <Chip size="small" variant="outlined" color={COLORS[stage]} label={t(`stage.${stage}`)} />;
}
