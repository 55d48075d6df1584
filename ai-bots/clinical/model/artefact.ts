/** A trained model as one JSON text: versioned, quantised to bytes, with a checksum over everything else. */
import { createHash } from 'node:crypto';
import type { LinearModel } from './linear.ts';

/** Raised when features or their use change, so that an artefact trained for others is refused. */
export const FORMAT = 'dr-assistant-clinical/1';

/** Every linear model of the embedded pipeline. */
export const MODEL_NAMES = ['select', 'end', 'question', 'clinician', 'change'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

export interface Trained {
  readonly version: string;
  /** What it was trained on: name, licence, number of examples. */
  readonly data: readonly { readonly name: string; readonly licence: string; readonly examples: number }[];
  readonly models: Readonly<Record<ModelName, LinearModel>>;
  /** One model a section header of MTS-Dialog. */
  readonly headers: ReadonlyMap<string, LinearModel>;
  /** Candidates above this probability are written. */
  readonly threshold: number;
}

interface StoredModel {
  readonly bits: number;
  readonly bias: number;
  readonly scale: number;
  /** Base64, one signed byte a bucket. */
  readonly weights: string;
}

interface Stored extends Omit<Trained, 'models' | 'headers'> {
  readonly format: string;
  readonly models: Readonly<Record<string, StoredModel>>;
  readonly headers: Readonly<Record<string, StoredModel>>;
}

/** Deterministic: the same models give the same bytes. */
export function encode(trained: Trained): string {
  const stored: Stored = {
    format: FORMAT,
    version: trained.version,
    data: trained.data,
    threshold: trained.threshold,
    models: Object.fromEntries(MODEL_NAMES.map((name) => [name, store(trained.models[name])])),
    headers: Object.fromEntries([...trained.headers].map(([header, model]) => [header, store(model)])),
  };
  return `${JSON.stringify({ ...stored, sha256: checksum(stored) }, null, 1)}\n`;
}

/** Throws an Error in words for another format, a missing model or a checksum that does not fit. */
export function decode(text: string): Trained {
  const { sha256, ...stored } = JSON.parse(text) as Stored & { readonly sha256: string };
  if (stored.format !== FORMAT)
    throw new Error(`The clinical model has format ${stored.format}; this program reads ${FORMAT}.`);
  if (sha256 !== checksum(stored)) throw new Error('The clinical model does not fit its checksum.');
  const load = (model: StoredModel | undefined): LinearModel => {
    if (model === undefined) throw new Error('The clinical model lacks a part.');
    const bytes = Buffer.from(model.weights, 'base64');
    if (bytes.length !== 1 << model.bits) throw new Error('The clinical model has a part of a wrong size.');
    return { ...model, weights: new Int8Array(bytes) };
  };
  return {
    version: stored.version,
    data: stored.data,
    threshold: stored.threshold,
    models: Object.fromEntries(
      MODEL_NAMES.map((name) => [name, load(stored.models[name])]),
    ) as unknown as Trained['models'],
    headers: new Map(Object.entries(stored.headers).map(([header, model]) => [header, load(model)])),
  };
}

const checksum = (stored: Stored): string =>
  createHash('sha256').update(JSON.stringify(stored)).digest('hex');

/** To bytes; the largest weight decides the step. */
export function quantise(model: LinearModel): LinearModel {
  const weights = Array.from({ length: 1 << model.bits }, (_, i) => model.weights[i] ?? 0);
  const scale = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127 || 1;
  return {
    bits: model.bits,
    bias: Number(model.bias.toPrecision(6)),
    weights: Int8Array.from(weights, (weight) => Math.round(weight / scale)),
    scale: Number((model.scale * scale).toPrecision(6)),
  };
}

const store = ({ bits, bias, scale, weights }: LinearModel): StoredModel => ({
  bits,
  bias,
  scale,
  weights: Buffer.from(Int8Array.from({ length: 1 << bits }, (_, i) => weights[i] ?? 0).buffer).toString(
    'base64',
  ),
});
