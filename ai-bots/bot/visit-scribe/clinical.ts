/** The entities that findings are made from. */
export type { ClinicalEntity, TraitName as Trait } from '../../clinical/types.ts';
