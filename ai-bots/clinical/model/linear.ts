/** A linear model over hashed features: its score, and how it is trained. Pure and deterministic. */

export interface LinearModel {
  readonly bits: number;
  readonly bias: number;
  /** One weight a bucket. */
  readonly weights: ArrayLike<number>;
  /** What the weights are multiplied with: quantised models hold small whole numbers. */
  readonly scale: number;
}

export interface Example {
  /** Buckets. */
  readonly features: readonly number[];
  /** From 0 to 1: how right a yes is. */
  readonly target: number;
  /** How much it counts. */
  readonly weight: number;
}

/** In log odds. Long texts count no more than short ones: features share the length one. */
export function score(model: LinearModel, features: readonly number[]): number {
  let sum = 0;
  for (const feature of features) sum += model.weights[feature] ?? 0;
  return model.bias + (sum * model.scale) / Math.sqrt(Math.max(1, features.length));
}

export const probability = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

export interface Training {
  readonly bits: number;
  readonly epochs: number;
  readonly rate: number;
  /** Penalty on the square of weights, for an example of weight one. */
  readonly l2: number;
}

/** Logistic regression by AdaGrad, examples in an order that a fixed generator shuffles. */
export function trainLinear(examples: readonly Example[], { bits, epochs, rate, l2 }: Training): LinearModel {
  const weights = new Float64Array(1 << bits);
  const seen = new Float64Array(1 << bits).fill(1e-6);
  const order = examples.map((_, i) => i);
  const random = shuffle(1);
  let [bias, biasSeen] = [0, 1e-6];
  for (let epoch = 0; epoch < epochs; epoch++) {
    random(order);
    for (const at of order) {
      const example = examples[at];
      if (example === undefined) continue;
      const { features, target, weight } = example;
      const share = 1 / Math.sqrt(Math.max(1, features.length));
      const odds = score({ bits, bias, weights, scale: 1 }, features);
      const error = (probability(odds) - target) * weight;
      biasSeen += error * error;
      bias -= (rate * error) / Math.sqrt(biasSeen);
      for (const feature of features) {
        const now = weights[feature] ?? 0;
        const gradient = error * share + l2 * now;
        const square = (seen[feature] ?? 0) + gradient * gradient;
        seen[feature] = square;
        weights[feature] = now - (rate * gradient) / Math.sqrt(square);
      }
    }
  }
  return { bits, bias, weights, scale: 1 };
}

/** Mixes in place, each time anew, and always in the same way: a linear congruential generator (Numerical Recipes). */
export function shuffle(start: number): (order: number[]) => void {
  let seed = start;
  return (order) => {
    for (let i = order.length - 1; i > 0; i--) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const j = seed % (i + 1);
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
  };
}
