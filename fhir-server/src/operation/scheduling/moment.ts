/** A dateTime as a span of time; one without an offset is meant in a time zone, where a day may have 23 or 25 hours. */
import { DateTime, type DurationLike, IANAZone } from 'luxon';
import { badRequest } from '../../fhir/outcome.ts';

/** Milliseconds since the epoch, `to` not included. */
export interface Moment {
  readonly from: number;
  readonly to: number;
}

/** Throws 400 for what is no IANA time zone. */
export function zoneOf(name: string): IANAZone {
  if (!IANAZone.isValidZone(name))
    throw badRequest('Parameter time-zone: a name such as Europe/Vienna is expected', 'time-zone');
  return IANAZone.create(name);
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Throws 400 for what is no dateTime. https://hl7.org/fhir/R4/datatypes.html#dateTime */
export function parseMoment(text: string, zone: IANAZone, place: string): Moment {
  const [isDate, year, month, day] = DATE.exec(text) ?? [];
  const whole: DurationLike =
    day !== undefined ? { days: 1 } : month !== undefined ? { months: 1 } : { years: 1 };
  const at = isDate
    ? DateTime.fromObject({ year: Number(year), month: Number(month ?? 1), day: Number(day ?? 1) }, { zone })
    : LOCAL.test(text) || ZONED.test(text)
      ? DateTime.fromISO(text, { zone })
      : undefined;
  if (at?.isValid !== true) throw badRequest(`Parameter ${place}: a dateTime is expected`, place);
  return { from: at.toMillis(), to: isDate ? at.plus(whole).toMillis() : at.toMillis() };
}
