/** Distance as SQL; the in-memory twin is search/distance.ts. */
import {
  EARTH_RADIUS_KM,
  KM_PER_DEGREE,
  latitudeOf,
  longitudeOf,
  type NearExpression,
} from '../../search/index.ts';
import { quoteName, rangeColumnsOf } from './names.ts';

/** A band of latitudes, which a B-tree finds, and the haversine within it. */
export function compileNear(
  near: NearExpression,
  alias: string,
  bind: (value: unknown, type: string) => string,
): string {
  const latitude = `${alias}.${quoteName(rangeColumnsOf(latitudeOf(near.param)).lowColumn)}`;
  const longitude = `${alias}.${quoteName(rangeColumnsOf(longitudeOf(near.param)).lowColumn)}`;
  // A little wider than the circle, so that rounding excludes nothing.
  const degrees = near.distanceKm / KM_PER_DEGREE + 1e-6;
  const from = bind(near.latitude - degrees, 'float8');
  const to = bind(near.latitude + degrees, 'float8');
  const lat = bind(near.latitude, 'float8');
  const lon = bind(near.longitude, 'float8');
  const h =
    `sin(radians(${latitude} - ${lat}) / 2) ^ 2 + cos(radians(${lat})) * cos(radians(${latitude})) * ` +
    `sin(radians(${longitude} - ${lon}) / 2) ^ 2`;
  const distance = `2 * ${EARTH_RADIUS_KM} * asin(least(1, sqrt(${h})))`;
  return `(${latitude} between ${from} and ${to} and ${distance} <= ${bind(near.distanceKm, 'float8')})`;
}
