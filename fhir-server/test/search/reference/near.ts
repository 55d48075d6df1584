/** Distance from a Location's position: https://hl7.org/fhir/R4/location.html#positional */
import type { Location } from '@medplum/fhirtypes';
import type { Node } from './select.ts';

const EARTH_RADIUS_KM = 6371;
const KM_PER_MILE = 1.609344;

/** By the haversine formula, in kilometres. */
export function distanceKm(a: readonly [number, number], b: readonly [number, number]): number {
  const rad = (degrees: number): number => (degrees * Math.PI) / 180;
  const h =
    Math.sin(rad(b[0] - a[0]) / 2) ** 2 +
    Math.cos(rad(a[0])) * Math.cos(rad(b[0])) * Math.sin(rad(b[1] - a[1]) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(h));
}

export interface Near {
  readonly from: readonly [number, number];
  readonly km: number;
}

/** `latitude|longitude|distance|unit`; kilometres where no unit is given. */
export function parseNear(text: string): Near {
  const [latitude, longitude, distance, unit = 'km'] = text.split('|');
  const factor = unit === 'km' ? 1 : unit === 'm' ? 0.001 : KM_PER_MILE;
  return { from: [Number(latitude), Number(longitude)], km: Number(distance) * factor };
}

export function nearMatches(node: Node, text: string): boolean {
  const { latitude, longitude } = node.value as NonNullable<Location['position']>;
  const { from, km } = parseNear(text);
  return distanceKm(from, [latitude, longitude]) <= km;
}
