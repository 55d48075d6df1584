/** What the draft proposes for the record: each is accepted, put in other words, or rejected. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useWords } from '@dr-assistant/ui/i18n';
import type { Proposal } from '../api/proposal.ts';
import { codeText, proposalText, sourceCues } from '../api/review.ts';
import type { Verdict } from '../api/sign-bundle.ts';
import { useText, type ScribeText } from '../words.ts';

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

/** "accepted", "rejected", or another status of the record. */
function finalState(proposal: Proposal): string {
  if (proposal.resourceType === 'Condition') {
    const code = proposal.verificationStatus?.coding?.[0]?.code;
    return code === 'entered-in-error' ? 'rejected' : (code ?? '');
  }
  return proposal.status === 'entered-in-error' ? 'rejected' : 'accepted';
}

const stateText = (state: string, t: ScribeText): string =>
  state === 'accepted' || state === 'rejected' ? t(`proposal.${state}`) : state;

interface CardProps {
  readonly proposal: Proposal;
  readonly verdict: Verdict | undefined;
  readonly isFinal: boolean;
  readonly onShow: (cues: readonly string[]) => void;
  readonly onDecide: (verdict: Verdict) => void;
}

function ProposalCard({ proposal, verdict, isFinal, onShow, onDecide }: CardProps) {
  const t = useText();
  const words = useWords();
  const [changing, setChanging] = useState<string>();
  const text = verdict?.text ?? proposalText(proposal, words);
  const isRejected = isFinal ? finalState(proposal) === 'rejected' : verdict?.decision === 'rejected';
  const canChange = proposal.resourceType === 'Condition' || proposal.resourceType === 'MedicationStatement';
  const code = verdict?.text === undefined ? codeText(proposal) : undefined;
  return (
    <Paper variant="outlined" sx={{ p: 1.5 }}>
      <Stack direction="row" spacing={1} sx={{ alignItems: 'center', mb: 1, flexWrap: 'wrap' }}>
        <Typography sx={{ fontWeight: 600, textDecoration: isRejected ? 'line-through' : 'none' }}>
          {text}
        </Typography>
        {code !== undefined && <Chip size="small" label={code} />}
        {isFinal && (
          <Chip
            size="small"
            color={isRejected ? 'default' : 'primary'}
            label={stateText(finalState(proposal), t)}
          />
        )}
      </Stack>
      {changing !== undefined ? (
        <Stack direction="row" spacing={1}>
          <TextField
            label={t('proposal.other-words')}
            size="small"
            fullWidth
            value={changing}
            onChange={(e) => setChanging(e.target.value)}
          />
          <Button
            disabled={changing.trim() === ''}
            onClick={() => {
              onDecide({ decision: 'accepted', text: changing.trim() });
              setChanging(undefined);
            }}
          >
            {t('proposal.keep')}
          </Button>
        </Stack>
      ) : (
        <Stack direction="row" spacing={0.5} sx={{ flexWrap: 'wrap' }}>
          {!isFinal && (
            <>
              <Button
                size="small"
                variant={verdict?.decision === 'accepted' ? 'contained' : 'outlined'}
                aria-pressed={verdict?.decision === 'accepted'}
                aria-label={t('proposal.accept-of', { what: text })}
                onClick={() => onDecide({ ...verdict, decision: 'accepted' })}
              >
                {t('proposal.accept')}
              </Button>
              <Button
                size="small"
                color="secondary"
                variant={verdict?.decision === 'rejected' ? 'contained' : 'outlined'}
                aria-pressed={verdict?.decision === 'rejected'}
                aria-label={t('proposal.reject-of', { what: text })}
                onClick={() => onDecide({ decision: 'rejected' })}
              >
                {t('proposal.reject')}
              </Button>
              {canChange && (
                <Button
                  size="small"
                  aria-label={t('proposal.change-of', { what: text })}
                  onClick={() => setChanging(text)}
                >
                  {t('proposal.change')}
                </Button>
              )}
            </>
          )}
          <Button
            size="small"
            aria-label={t('proposal.source-of', { what: text })}
            onClick={() => onShow(sourceCues(proposal))}
          >
            {t('proposal.source')}
          </Button>
        </Stack>
      )}
    </Paper>
  );
}
