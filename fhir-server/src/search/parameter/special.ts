/** The one special parameter that R4 defines: `near` of Location. https://hl7.org/fhir/R4/location.html#search */
import { badValue, splitEscaped, unescapeValue } from '../search-value.ts';
import { isElement, type ParameterType } from './parameter-type.ts';

/** Without a distance, R4 leaves it to the server. */
const DISTANCE_KM = 10;
/** UCUM units of length that clients send; kilometres where none is given. */
const KM_PER_UNIT: Readonly<Record<string, number>> = {
  km: 1,
  m: 0.001,
  '[mi_i]': 1.609344,
  '[mi_us]': 1.609347,
  mi: 1.609344,
  '[nmi_i]': 1.852,
};

export const latitudeOf = (param: string): string => `${param} latitude`;
export const longitudeOf = (param: string): string => `${param} longitude`;

export const special: ParameterType = {
  store: 'range',
  modifiers: {},

  index(param, value, sink) {
    if (!isElement(value)) return;
    const { latitude, longitude } = value;
    if (typeof latitude !== 'number' || typeof longitude !== 'number') return;
    sink.range(latitudeOf(param), { low: latitude, high: latitude });
    sink.range(longitudeOf(param), { low: longitude, high: longitude });
  },

  parse(param, text) {
    const [latitude, longitude, distance, unit = 'km', ...more] = splitEscaped(text, '|').map(unescapeValue);
    const km = KM_PER_UNIT[unit === '' ? 'km' : unit];
    if (km === undefined)
      throw badValue(param, `the unit must be one of ${Object.keys(KM_PER_UNIT).join(' ')}`);
    const distanceKm = distance === undefined || distance === '' ? DISTANCE_KM : decimal(distance) * km;
    const place = { latitude: decimal(latitude), longitude: decimal(longitude) };
    const isPlace = Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
    if (!isPlace || !(distanceKm >= 0) || more.length > 0)
      throw badValue(param, 'a place has the form latitude|longitude[|distance[|unit]] in degrees');
    return { kind: 'near', param, ...place, distanceKm };
  },
};

/** NaN for what is not a decimal. */
const decimal = (text: string | undefined): number =>
  /^[+-]?\d{1,9}(\.\d{1,15})?$/.test(text ?? '') ? Number(text) : NaN;
