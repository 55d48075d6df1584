/** One proposal: accepted, put in other words, or rejected; and where it was said. */
import { useState, type KeyboardEvent } from 'react';
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
import { isByKeyboard, ITEM, STOP } from '../hooks/use-review-keys.ts';
import { useText, type ScribeText } from '../words.ts';

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

interface Props {
  readonly proposal: Proposal;
  readonly verdict: Verdict | undefined;
  readonly isFinal: boolean;
  readonly onShow: (cues: readonly string[]) => void;
  readonly onDecide: (verdict: Verdict) => void;
}

export function ProposalCard({ proposal, verdict, isFinal, onShow, onDecide }: Props) {
  const t = useText();
  const words = useWords();
  const [isChanging, setChanging] = useState(false);
  const [isLeft, setLeft] = useState(false);
  const leave = (kept: string | undefined): void => {
    setChanging(false);
    setLeft(true);
    if (kept !== undefined && kept !== '') onDecide({ decision: 'accepted', text: kept });
  };
  const text = verdict?.text ?? proposalText(proposal, words);
  const isRejected = isFinal ? finalState(proposal) === 'rejected' : verdict?.decision === 'rejected';
  const canChange = proposal.resourceType === 'Condition' || proposal.resourceType === 'MedicationStatement';
  const code = verdict?.text === undefined ? codeText(proposal) : undefined;
  return (
    <Paper variant="outlined" sx={{ p: 1.5 }} {...ITEM}>
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
      {isChanging ? (
        <OtherWords text={text} onDone={leave} />
      ) : (
        <Stack direction="row" spacing={0.5} sx={{ flexWrap: 'wrap' }}>
          {!isFinal && (
            <>
              <Button
                {...STOP}
                autoFocus={isLeft}
                size="small"
                aria-keyshortcuts="a"
                onFocus={({ target }) => isByKeyboard(target) && onShow(sourceCues(proposal))}
                variant={verdict?.decision === 'accepted' ? 'contained' : 'outlined'}
                aria-pressed={verdict?.decision === 'accepted'}
                aria-label={t('proposal.accept-of', { what: text })}
                onClick={() => onDecide({ ...verdict, decision: 'accepted' })}
              >
                {t('proposal.accept')}
              </Button>
              <Button
                size="small"
                aria-keyshortcuts="r"
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
                  aria-keyshortcuts="e"
                  aria-label={t('proposal.change-of', { what: text })}
                  onClick={() => setChanging(true)}
                >
                  {t('proposal.change')}
                </Button>
              )}
            </>
          )}
          <Button
            {...(isFinal ? STOP : {})}
            size="small"
            aria-keyshortcuts="s"
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

function OtherWords({ text: before, onDone }: { text: string; onDone: (text: string | undefined) => void }) {
  const t = useText();
  const [text, setText] = useState(before);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onDone(undefined);
  };
  return (
    <Stack
      component="form"
      direction="row"
      spacing={1}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        onDone(text.trim());
      }}
    >
      <TextField
        label={t('proposal.other-words')}
        size="small"
        fullWidth
        autoFocus
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        {t('proposal.keep')}
      </Button>
    </Stack>
  );
}
