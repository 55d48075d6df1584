/** Great-circle distance, the same formula in memory and in SQL. */
import type { NearExpression } from './expression.ts';

/** Mean radius of the earth. */
export const EARTH_RADIUS_KM = 6371.0088;
export const KM_PER_DEGREE = (Math.PI * EARTH_RADIUS_KM) / 180;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Haversine. */
export function distanceKm(near: NearExpression, latitude: number, longitude: number): number {
  const dLatitude = radians(latitude - near.latitude) / 2;
  const dLongitude = radians(longitude - near.longitude) / 2;
  const h =
    Math.sin(dLatitude) ** 2 +
    Math.cos(radians(near.latitude)) * Math.cos(radians(latitude)) * Math.sin(dLongitude) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
