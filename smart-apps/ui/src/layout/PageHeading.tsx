/** The page's h1: names the document, and takes the focus after a navigation, so that it is read out. */
import { useEffect, useRef, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useAppName } from './app-name.ts';

interface Props {
  readonly title: string;
  /** Hidden from sight where the page shows what it is in another way. */
  readonly isHidden?: boolean;
  /** Buttons beside it. */
  readonly children?: ReactNode;
}

/** The place whose heading had the focus last: the first page keeps the focus where the browser put it. */
let announced: string | undefined;

const HIDDEN = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
} as const;

export function PageHeading({ title, isHidden = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const app = useAppName();
  useEffect(() => {
    document.title = app === '' ? title : `${title} – ${app}`;
  }, [title, app]);
  useEffect(() => {
    const isNavigation = announced !== undefined && announced !== location.hash;
    announced = location.hash;
    if (isNavigation) heading.current?.focus({ preventScroll: true });
    if (isNavigation) scrollTo({ top: 0 });
  }, []);
  return (
    <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, flexWrap: 'wrap' }}>
      <Typography
        variant="h1"
        ref={heading}
        tabIndex={-1}
        sx={{ outline: 'none', ...(isHidden ? HIDDEN : {}) }}
      >
        {title}
      </Typography>
      {children}
    </Box>
  );
}
