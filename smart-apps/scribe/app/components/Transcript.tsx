/** The transcript, with the cues of the chosen sentence marked and in view. */
import { useEffect, useRef } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { Cue } from '../api/note-draft.ts';
import { useText } from '../words.ts';

export function Transcript({ cues, marked }: { cues: readonly Cue[]; marked: readonly string[] }) {
  const t = useText();
  const list = useRef<HTMLOListElement>(null);
  const first = marked[0];
  useEffect(() => {
    if (first !== undefined)
      list.current?.querySelector(`[data-cue="${CSS.escape(first)}"]`)?.scrollIntoView({ block: 'center' });
  }, [first]);
  return (
    <Box component="section" aria-label={t('transcript.title')}>
      <Typography variant="h2" gutterBottom>
        {t('transcript.title')}
      </Typography>
      <Box
        component="ol"
        ref={list}
        tabIndex={0}
        aria-label={t('transcript.said')}
        sx={{ listStyle: 'none', p: 0, m: 0, maxHeight: '70vh', overflowY: 'auto' }}
      >
        {cues.map((cue) => {
          const isMarked = marked.includes(cue.id);
          return (
            <Box
              component="li"
              key={cue.id}
              data-cue={cue.id}
              aria-current={isMarked}
              sx={{
                p: 1,
                borderRadius: 1,
                borderLeft: '4px solid transparent',
                ...(isMarked && { bgcolor: 'mark.main', borderLeftColor: 'secondary.main' }),
              }}
            >
              {cue.speaker !== undefined && (
                <Typography component="span" sx={{ fontWeight: 600, mr: 1 }}>
                  {cue.speaker}
                </Typography>
              )}
              {cue.text}
            </Box>
          );
        })}
      </Box>
    </Box>
  );
}
