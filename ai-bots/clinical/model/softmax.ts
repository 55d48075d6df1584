/** Multinomial logistic regression: one linear model a class, trained against each other. Pure and deterministic. */
import { shuffle, type LinearModel, type Training } from './linear.ts';

export interface Labelled {
  /** Buckets. */
  readonly features: readonly number[];
  readonly label: string;
  readonly weight: number;
}

/** By AdaGrad, like `trainLinear`; classes in the order of their names. */
export function trainSoftmax(examples: readonly Labelled[], training: Training): Map<string, LinearModel> {
  const { bits, epochs, rate, l2 } = training;
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  const size = labels.length;
  const weights = new Float64Array(size << bits);
  const seen = new Float64Array(size << bits).fill(1e-6);
  const [bias, biasSeen] = [new Float64Array(size), new Float64Array(size).fill(1e-6)];
  const order = examples.map((_, i) => i);
  const random = shuffle(1);
  for (let epoch = 0; epoch < epochs; epoch++) {
    random(order);
    for (const at of order) {
      const example = examples[at];
      if (example === undefined) continue;
      const { features, label, weight } = example;
      const share = 1 / Math.sqrt(Math.max(1, features.length));
      const odds = Float64Array.from(bias);
      for (let k = 0; k < size; k++) {
        let sum = 0;
        for (const feature of features) sum += weights[feature * size + k] ?? 0;
        odds[k] = (odds[k] ?? 0) + sum * share;
      }
      const chances = softmax(odds);
      for (let k = 0; k < size; k++) {
        const error = ((chances[k] ?? 0) - (labels[k] === label ? 1 : 0)) * weight;
        const square = (biasSeen[k] ?? 0) + error * error;
        biasSeen[k] = square;
        bias[k] = (bias[k] ?? 0) - (rate * error) / Math.sqrt(square);
        const step = error * share;
        // What is settled costs no time.
        if (Math.abs(step) < 1e-7) continue;
        for (const feature of features) {
          const place = feature * size + k;
          const now = weights[place] ?? 0;
          const gradient = step + l2 * now;
          const sum = (seen[place] ?? 0) + gradient * gradient;
          seen[place] = sum;
          weights[place] = now - (rate * gradient) / Math.sqrt(sum);
        }
      }
    }
  }
  return new Map(
    labels.map((label, k) => [
      label,
      {
        bits,
        bias: bias[k] ?? 0,
        weights: Float64Array.from({ length: 1 << bits }, (_, feature) => weights[feature * size + k] ?? 0),
        scale: 1,
      },
    ]),
  );
}

function softmax(odds: Float64Array): Float64Array {
  const most = odds.reduce((a, b) => Math.max(a, b), -Infinity);
  const raised = odds.map((value) => Math.exp(value - most));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / sum);
}
