/** What a history may be about. */
import { allergies } from './allergies.ts';
import { asthma } from './asthma.ts';
import { backPain } from './back-pain.ts';
import type { Chart } from './chart.ts';
import { copd } from './copd.ts';
import { depression } from './depression.ts';
import { diabetes } from './diabetes.ts';
import { healthyAdult } from './healthy-adult.ts';
import { healthyChild } from './healthy-child.ts';
import { hypertension } from './hypertension.ts';
import { hypothyroidism } from './hypothyroidism.ts';
import { infection } from './infection.ts';
import { kidneyDisease } from './kidney-disease.ts';
import { pregnancy } from './pregnancy.ts';

/** Each writes the history of one chart, the visits of which come in any order. */
export const archetypes = {
  allergies,
  asthma,
  backPain,
  copd,
  depression,
  diabetes,
  healthyAdult,
  healthyChild,
  hypertension,
  hypothyroidism,
  infection,
  kidneyDisease,
  pregnancy,
} as const satisfies Record<string, (chart: Chart) => void>;

export type ArchetypeName = keyof typeof archetypes;
