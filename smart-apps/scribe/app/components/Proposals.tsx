/** What the draft proposes for the record: each is accepted, put in other words, or rejected. */
import Box from '@mui/material/Box';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { Proposal } from '../api/proposal.ts';
import type { Verdict } from '../api/sign-bundle.ts';
import { useText } from '../words.ts';
import { ProposalCard } from './ProposalCard.tsx';

const KINDS: readonly Proposal['resourceType'][] = [
  'Condition',
  'MedicationStatement',
  'FamilyMemberHistory',
  'Observation',
];

interface Props {
  readonly proposals: readonly Proposal[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly isFinal: boolean;
  readonly onShow: (cues: readonly string[]) => void;
  readonly onDecide: (id: string, verdict: Verdict) => void;
}

export function Proposals({ proposals, verdicts, isFinal, onShow, onDecide }: Props) {
  const t = useText();
  return (
    <Stack spacing={3}>
      {KINDS.map((type) => {
        const title = t(`proposal.${type}`);
        const own = proposals.filter((p) => p.resourceType === type);
        if (own.length === 0) return null;
        return (
          <Box component="section" key={type} aria-label={title}>
            <Typography variant="h2" gutterBottom>
              {title}
            </Typography>
            <Stack spacing={1}>
              {own.map((proposal) => (
                <ProposalCard
                  key={proposal.id}
                  proposal={proposal}
                  verdict={verdicts[proposal.id ?? '']}
                  isFinal={isFinal}
                  onShow={onShow}
                  onDecide={(verdict) => onDecide(proposal.id ?? '', verdict)}
                />
              ))}
            </Stack>
          </Box>
        );
      })}
    </Stack>
  );
}
