/** Codes of the generated histories: problems, drugs, vaccines and procedures, with the display of their system. */
import { allergies, concept, conditions, medications } from '../coding.ts';

const icd10 = (code: string, display: string) => concept('icd10', code, display);

export const problems = {
  ...conditions,
  diabeticKidney: icd10('E11.22', 'Type 2 diabetes mellitus with diabetic chronic kidney disease'),
  prediabetes: icd10('R73.03', 'Prediabetes'),
  obesity: icd10('E66.9', 'Obesity, unspecified'),
  childAsthma: icd10('J45.30', 'Mild persistent asthma, uncomplicated'),
  copd: icd10('J44.9', 'Chronic obstructive pulmonary disease, unspecified'),
  copdExacerbation: icd10('J44.1', 'Chronic obstructive pulmonary disease with (acute) exacerbation'),
  smoking: icd10('F17.210', 'Nicotine dependence, cigarettes, uncomplicated'),
  firstPregnancy: icd10('Z34.01', 'Encounter for supervision of normal first pregnancy, first trimester'),
  ironDeficiency: icd10('D50.9', 'Iron deficiency anemia, unspecified'),
  depressionModerate: icd10('F32.1', 'Major depressive disorder, single episode, moderate'),
  insomnia: icd10('G47.00', 'Insomnia, unspecified'),
  kidney2: icd10('N18.2', 'Chronic kidney disease, stage 2 (mild)'),
  kidney3a: icd10('N18.31', 'Chronic kidney disease, stage 3a'),
  kidney3b: icd10('N18.32', 'Chronic kidney disease, stage 3b'),
  backPain: icd10('M54.50', 'Low back pain, unspecified'),
  vitaminD: icd10('E55.9', 'Vitamin D deficiency, unspecified'),
  cold: icd10('J06.9', 'Acute upper respiratory infection, unspecified'),
  strepThroat: icd10('J02.0', 'Streptococcal pharyngitis'),
  earInfection: icd10('H66.91', 'Otitis media, unspecified, right ear'),
  pneumonia: icd10('J18.9', 'Pneumonia, unspecified organism'),
  urineInfection: icd10('N39.0', 'Urinary tract infection, site not specified'),
  hayFever: icd10('J30.1', 'Allergic rhinitis due to pollen'),
  eczema: icd10('L20.9', 'Atopic dermatitis, unspecified'),
} as const;

export type ProblemName = keyof typeof problems;

/** Why somebody came, where that is no problem. */
export const reasons = {
  checkUp: icd10('Z00.00', 'Encounter for general adult medical examination without abnormal findings'),
  childCheckUp: icd10('Z00.129', 'Encounter for routine child health examination without abnormal findings'),
  pregnancy1: problems.firstPregnancy,
  pregnancy2: icd10('Z34.02', 'Encounter for supervision of normal first pregnancy, second trimester'),
  pregnancy3: icd10('Z34.03', 'Encounter for supervision of normal first pregnancy, third trimester'),
  postpartum: icd10('Z39.2', 'Encounter for routine postpartum follow-up'),
} as const;

const drug = (code: string, name: string, dosage: string, timesPerDay?: number) => ({
  code: concept('rxnorm', code, name),
  dosage,
  ...(timesPerDay === undefined ? {} : { timesPerDay }),
});

/** Ingredients, with the dosage as it is said to the patient; without times a day it is taken as needed. */
export const drugs = {
  lisinopril: { ...medications.lisinopril, timesPerDay: 1 },
  metformin: { ...medications.metformin, timesPerDay: 2 },
  atorvastatin: { ...medications.atorvastatin, timesPerDay: 1 },
  sertraline: { ...medications.sertraline, timesPerDay: 1 },
  levothyroxine: { ...medications.levothyroxine, timesPerDay: 1 },
  omeprazole: { ...medications.omeprazole, timesPerDay: 1 },
  albuterol: { ...medications.albuterol },
  metforminFull: drug('6809', 'metformin', '1000 mg by mouth twice daily with meals', 2),
  levothyroxineMore: drug('10582', 'levothyroxine', '75 mcg by mouth every morning', 1),
  sertralineMore: drug('36437', 'sertraline', '100 mg by mouth once daily', 1),
  amlodipine: drug('17767', 'amlodipine', '5 mg by mouth once daily', 1),
  hydrochlorothiazide: drug('5487', 'hydrochlorothiazide', '12.5 mg by mouth once daily', 1),
  losartan: drug('52175', 'losartan', '50 mg by mouth once daily', 1),
  empagliflozin: drug('1545653', 'empagliflozin', '10 mg by mouth every morning', 1),
  fluticasone: drug('41126', 'fluticasone', '44 mcg, 2 puffs twice daily with a spacer', 2),
  tiotropium: drug('69120', 'tiotropium', '18 mcg inhaled once daily', 1),
  prednisone: drug('8640', 'prednisone', '40 mg by mouth once daily for 5 days', 1),
  amoxicillin: drug('723', 'amoxicillin', '500 mg by mouth three times daily for 7 days', 3),
  nitrofurantoin: drug('7454', 'nitrofurantoin', '100 mg by mouth twice daily for 5 days', 2),
  ibuprofen: drug('5640', 'ibuprofen', '400 mg by mouth every 8 hours as needed'),
  naproxen: drug('7258', 'naproxen', '500 mg by mouth twice daily with food for 10 days', 2),
  cetirizine: drug('20610', 'cetirizine', '10 mg by mouth once daily', 1),
  epinephrine: drug('3992', 'epinephrine', '0.3 mg into the thigh at a severe reaction'),
  folicAcid: drug('4511', 'folic acid', '0.4 mg by mouth once daily', 1),
  ferrousSulfate: drug('24947', 'ferrous sulfate', '325 mg by mouth once daily', 1),
  cholecalciferol: drug('2418', 'cholecalciferol', '1000 units by mouth once daily', 1),
  varenicline: drug('591622', 'varenicline', '1 mg by mouth twice daily for 12 weeks', 2),
} as const;

export type DrugName = keyof typeof drugs;

export const substances = {
  ...allergies,
  ibuprofen: concept('rxnorm', '5640', 'ibuprofen'),
  sulfonamide: concept('rxnorm', '10180', 'sulfamethoxazole'),
  lisinopril: concept('rxnorm', '29046', 'lisinopril'),
  beeVenom: { text: 'Bee venom' },
} as const;

export type SubstanceName = keyof typeof substances;

const cvx = (code: string, display: string) => concept('cvx', code, display);

export const vaccines = {
  influenza: cvx('140', 'Influenza, seasonal, injectable, preservative free'),
  tdap: cvx('115', 'Tdap'),
  dtap: cvx('20', 'DTaP'),
  polio: cvx('10', 'IPV'),
  mmr: cvx('03', 'MMR'),
  varicella: cvx('21', 'varicella'),
  hepatitisB: cvx('08', 'Hep B, adolescent or pediatric'),
  hepatitisA: cvx('83', 'Hep A, ped/adol, 2 dose'),
  hib: cvx('48', 'Hib (PRP-T)'),
  rotavirus: cvx('116', 'rotavirus, pentavalent'),
  pneumococcal13: cvx('133', 'Pneumococcal conjugate PCV 13'),
  pneumococcal23: cvx('33', 'pneumococcal polysaccharide PPV23'),
  zoster: cvx('187', 'zoster recombinant'),
  hpv9: cvx('165', 'HPV9'),
} as const;

export type VaccineName = keyof typeof vaccines;

const snomed = (code: string, display: string) => concept('snomed', code, display);

export const procedures = {
  retinaScreening: snomed('134395001', 'Diabetic retinopathy screening'),
  footExamination: snomed('401191002', 'Diabetic foot examination'),
  colonoscopy: snomed('73761001', 'Colonoscopy'),
  mammography: snomed('71651007', 'Mammography'),
  electrocardiogram: snomed('29303009', 'Electrocardiographic procedure'),
  spirometry: snomed('127783003', 'Spirometry'),
  physicalTherapy: snomed('91251008', 'Physical therapy procedure'),
  dietEducation: snomed('11816003', 'Diet education'),
  smokingEducation: snomed('225323000', 'Smoking cessation education'),
  ultrasound: snomed('16310003', 'Ultrasonography'),
} as const;

export type ProcedureName = keyof typeof procedures;
