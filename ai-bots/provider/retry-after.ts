/** How long a service asks to be left alone. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */

const MAX_MS = 24 * 3_600_000;

/** From `retry-after-ms` (Azure) or `retry-after` in seconds or as a date; undefined when neither can be read. */
export function retryAfterOf(header: (name: string) => string | null | undefined): number | undefined {
  const milliseconds = number(header('retry-after-ms'));
  const after = header('retry-after') ?? '';
  const seconds = number(after);
  const date = Date.parse(after);
  const ms = milliseconds ?? (seconds === undefined ? date - Date.now() : seconds * 1000);
  return Number.isNaN(ms) ? undefined : Math.min(MAX_MS, Math.max(0, Math.round(ms)));
}

function number(text: string | null | undefined): number | undefined {
  return /^\d+(\.\d+)?$/.test(text?.trim() ?? '') ? Number(text) : undefined;
}
