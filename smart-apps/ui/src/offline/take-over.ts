/** What a page that begins says to the next version of the app that waits. */
export const TAKE_OVER = 'take over';
