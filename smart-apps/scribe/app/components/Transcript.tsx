/** The transcript, with the cues of the chosen sentence marked and in view, and the sound of each where there is a recording. */
import { useEffect, useRef } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { FaultAlert } from '@dr-assistant/ui/layout';
import type { Cue } from '../api/note-draft.ts';
import { clockTime, playMarked } from '../api/cue-time.ts';
import { isByKeyboard } from '../hooks/use-review-keys.ts';
import type { Playback } from '../hooks/use-playback.ts';
import { useText } from '../words.ts';

interface Props {
  readonly cues: readonly Cue[];
  /** Ids of cues. */
  readonly marked: readonly string[];
  /** Undefined where there is nothing to hear. */
  readonly playback: Playback | undefined;
}

export function Transcript({ cues, marked, playback }: Props) {
  const t = useText();
  const list = useRef<HTMLOListElement>(null);
  const first = marked[0];
  useEffect(() => {
    if (first === undefined || list.current === null) return;
    const cue = list.current.querySelector<HTMLElement>(`[data-cue="${CSS.escape(first)}"]`);
    if (cue === null) return;
    list.current.scrollTo({ top: cue.offsetTop - list.current.clientHeight / 2 });
    // On a phone the transcript is elsewhere on the page: who asks for it by touch is led there.
    if (!isByKeyboard(document.activeElement)) cue.scrollIntoView({ block: 'nearest' });
  }, [first]);
  return (
    <Box component="section" aria-label={t('transcript.title')}>
      <Typography variant="h2" gutterBottom>
        {t('transcript.title')}
      </Typography>
      {playback && <Controls cues={cues} marked={marked} playback={playback} />}
      <Box
        component="ol"
        ref={list}
        tabIndex={0}
        aria-label={t('transcript.said')}
        sx={{ listStyle: 'none', p: 0, m: 0, maxHeight: '70vh', overflowY: 'auto', position: 'relative' }}
      >
        {cues.map((cue) => (
          <CueLine key={cue.id} cue={cue} isMarked={marked.includes(cue.id)} playback={playback} />
        ))}
      </Box>
    </Box>
  );
}

interface ControlsProps extends Props {
  readonly playback: Playback;
}

function Controls({ cues, marked, playback }: ControlsProps) {
  const t = useText();
  const hasMarked = cues.some(({ id, startMs }) => startMs !== undefined && marked.includes(id));
  return (
    <Stack spacing={1} sx={{ mb: 1, alignItems: 'start' }} aria-busy={playback.isLoading}>
      {playback.isPlaying ? (
        <Button size="small" variant="outlined" onClick={() => playback.pause()}>
          {t('transcript.pause')}
        </Button>
      ) : (
        <Button
          size="small"
          variant="outlined"
          disabled={!hasMarked || playback.isLoading}
          onClick={() => playMarked(playback, cues, marked)}
        >
          {t('transcript.play-marked')}
        </Button>
      )}
      <FaultAlert fault={playback.fault} />
    </Stack>
  );
}

interface LineProps {
  readonly cue: Cue;
  readonly isMarked: boolean;
  readonly playback: Playback | undefined;
}

function CueLine({ cue, isMarked, playback }: LineProps) {
  const t = useText();
  const { id, startMs, speaker, text } = cue;
  return (
    <Box
      component="li"
      data-cue={id}
      aria-current={isMarked}
      sx={{
        p: 1,
        borderRadius: 1,
        borderLeft: '4px solid transparent',
        ...(isMarked && { bgcolor: 'mark.main', borderLeftColor: 'secondary.main' }),
      }}
    >
      {playback !== undefined && startMs !== undefined && (
        <Button
          size="small"
          aria-label={t('transcript.play-from', { time: clockTime(startMs) })}
          onClick={() => playback.play(startMs)}
          sx={{ minWidth: 0, mr: 1, px: 0.5, fontVariantNumeric: 'tabular-nums' }}
        >
          {clockTime(startMs)}
        </Button>
      )}
      {speaker !== undefined && (
        <Typography component="span" sx={{ fontWeight: 600, mr: 1 }}>
          {speaker}
        </Typography>
      )}
      {text}
    </Box>
  );
}
