/** The generated patients with their histories, which end before the day that is given. */
import type { Resource } from '@medplum/fhirtypes';
import { people } from '../people.ts';
import { archetypes } from './archetypes.ts';
import { createChart, type Chart } from './chart.ts';
import { members, type Row } from './members.ts';
import { memberOf, patientOf, relativesOf } from './member.ts';
import { createRandom } from './random.ts';

function chartOf(row: Row, index: number, day: string): Chart {
  const random = createRandom(row.slice(0, 5).join(' '));
  const chart = createChart(memberOf(row, index, day, random), day, random);
  // The patient is before what refers to them.
  chart.resources.push(patientOf(chart), ...relativesOf(chart));
  return chart;
}

/** The record of each patient: the same for the same day, whatever others are in the list. */
export function histories(day: string): Resource[][] {
  return members.map((row, i) => {
    const chart = chartOf(row, people.length + 1 + i, day);
    archetypes[row[4]](chart);
    return chart.resources;
  });
}

const LONG: Row = ['Theodora', 'Langley', 'female', 81, 'kidneyDisease'];
const LONG_RESOURCES = 2_000;

/** One patient with about two thousand resources, to see how a long chart behaves. */
export function longHistory(day: string): Resource[] {
  const chart = chartOf(LONG, people.length + 1 + members.length, day);
  const { diabetes, hypertension, copd, infection, backPain, healthyAdult } = archetypes;
  const parts = [diabetes, hypertension, copd, infection, backPain, healthyAdult];
  for (let i = 0; chart.resources.length < LONG_RESOURCES; i += 1) parts[i % parts.length]?.(chart);
  return chart.resources;
}
