/** Whether the note is a draft, and of whom; or who signed it and when. */
import Alert from '@mui/material/Alert';
import Typography from '@mui/material/Typography';
import { formatDate, formatReference } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { draftedBy } from '../api/drafted-by.ts';
import type { Review } from '../api/review.ts';
import { useText } from '../words.ts';

export function ReviewState({ review, isFinal }: { review: Review; isFinal: boolean }) {
  const t = useText();
  const words = useWords();
  if (!isFinal)
    return (
      <Alert severity="warning" icon={false}>
        <strong>{t('review.unreviewed')}</strong> {t('review.check')}
        <Typography variant="body2">{draftedBy(review.draft, t)}</Typography>
        {review.draft.fallbacks?.map((why) => (
          <Typography variant="body2" key={why}>
            {why}
          </Typography>
        ))}
      </Alert>
    );
  const attester = review.composition?.attester?.[0];
  const party = attester?.party ?? review.note.authenticator;
  const signer = party === undefined ? t('review.clinician') : formatReference(party, words);
  return (
    <Alert severity="success">
      {attester?.time === undefined
        ? t('review.signed', { signer })
        : t('review.signed-on', { signer, time: formatDate(attester.time, words) })}
    </Alert>
  );
}
