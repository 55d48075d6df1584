/** How a date may be written or said: 1970-05-04, 5/4/70, May 4th, 1970, the fourth of May nineteen seventy, five four nineteen seventy. */

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  );

const below100 = (n: number): string =>
  n < 20
    ? (ONES[n] ?? '')
    : [TENS[Math.floor(n / 10)], ...(n % 10 === 0 ? [] : [ONES[n % 10]])].join('[\\s-]');

function dayForms(day: number): string {
  const tens = Math.floor(day / 10);
  const said =
    day <= 20
      ? (ORDINALS[day] ?? '')
      : day % 10 === 0
        ? 'thirtieth'
        : `${TENS[tens] ?? ''}[\\s-]${ORDINALS[day % 10] ?? ''}`;
  return `(?:0?${day}(?:st|nd|rd|th)?|${said}|${below100(day)})`;
}

function yearForms(year: number): string {
  const [century, rest] = [Math.floor(year / 100), year % 100];
  const spoken =
    rest === 0
      ? `${below100(century)}[\\s-]hundred`
      : rest < 10
        ? `${below100(century)}[\\s-](?:oh|o)[\\s-]${below100(rest)}`
        : `${below100(century)}[\\s-]${below100(rest)}`;
  const thousand = `two[\\s-]thousand${rest === 0 ? '' : `(?:[\\s-]and)?[\\s-]${below100(rest)}`}`;
  const short = String(rest).padStart(2, '0');
  return `(?:${year}|['’]?${short}|${spoken}${century === 20 ? `|${thousand}` : ''})`;
}

/** "five", "oh five", "zero five" */
const saidNumber = (n: number): string => `${n < 10 ? '(?:(?:oh|o|zero)[\\s-])?' : ''}${below100(n)}`;

/** As numbers, one after the other: "five four nineteen seventy", "oh five oh four seventy". */
function saidInNumbers(year: number, month: number, day: number): string[] {
  const rest = year % 100;
  const short = rest < 10 ? `(?:oh|o|zero)[\\s-]${below100(rest)}` : below100(rest);
  const years = `(?:${yearForms(year)}|${short})`;
  const [m, d, gap] = [saidNumber(month), saidNumber(day), '[\\s,./-]+'];
  return [`${m}${gap}${d}${gap}${years}`, `${d}${gap}${m}${gap}${years}`];
}

/** Sources of regular expressions. @param date FHIR date with year, month and day; others give nothing */
export function dateForms(date: string): string[] {
  const [, y, m, d] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date) ?? [];
  if (y === undefined || m === undefined || d === undefined) return [];
  const [year, month, day] = [Number(y), Number(m), Number(d)];
  const name = MONTHS[month - 1] ?? '';
  const monthName = `(?:${name}|${name.slice(0, 3)}\\.?)`;
  const [days, years] = [dayForms(day), yearForms(year)];
  const [mm, dd] = [`0?${month}`, `0?${day}`];
  const yy = `(?:${y}|${y.slice(2)})`;
  const gap = '\\s*[-/. ]\\s*';
  return [
    `${y}${gap}${mm}${gap}${dd}`,
    `${y}${m}${d}`,
    `${mm}${gap}${dd}${gap}${yy}`,
    `${dd}${gap}${mm}${gap}${yy}`,
    `${monthName}\\s+(?:the\\s+)?${days}(?:,?\\s*(?:of\\s+|in\\s+)?${years})?`,
    `(?:the\\s+)?${days}\\s+(?:of\\s+)?${monthName}(?:,?\\s*(?:of\\s+|in\\s+)?${years})?`,
    ...saidInNumbers(year, month, day),
  ];
}
