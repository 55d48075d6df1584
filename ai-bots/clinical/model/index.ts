/** The face of model: linear models, how they are stored, and the ones that come with the program. */
export { decode, encode, FORMAT, MODEL_NAMES, quantise, type ModelName, type Trained } from './artefact.ts';
export { hashed } from './hash.ts';
export { probability, score, trainLinear, type Example, type LinearModel, type Training } from './linear.ts';
export { trainSoftmax, type Labelled } from './softmax.ts';
export { ARTEFACT, trained } from './trained.ts';
