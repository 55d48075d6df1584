/** The way to the page above. */
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';

export function BackLink({ href, text }: { href: string; text: string }) {
  return (
    <Box className="no-print" sx={{ mb: 1 }}>
      <span aria-hidden="true">‹&nbsp;</span>
      <Link href={href}>{text}</Link>
    </Box>
  );
}
