/** The words of the lexicon; the form of a line is explained in lexicon.ts. Each code is checked by a test. */

export const SYMPTOMS = `
fever = febrile, running a temperature, high temperature | R50.9
chills = shivering
cough = coughing, coughing up phlegm, dry cough | R05.9
shortness of breath = short of breath, trouble breathing, difficulty breathing, breathless, breathlessness, dyspnea, out of breath, problems breathing, hard to breathe | R06.02
wheezing = wheeze, wheezy | R06.2
chest pain = pain in my chest, pains in my chest | R07.9
chest tightness = tightness in my chest, tightness in the chest
palpitations = heart racing, racing heart, heart pounding, heart fluttering, skipped beats | R00.2
headache = head ache, my head hurts, head hurts | R51.9
dizziness = dizzy, lightheaded, lightheadedness, light headed | R42
fainting = fainted, passed out, syncope, blacked out | R55
nausea = nauseous, nauseated, sick to my stomach | R11.0
vomiting = throwing up, threw up, vomited | R11.10
diarrhea = loose stools, watery stools | R19.7
constipation = constipated | K59.00
abdominal pain = stomach pain, belly pain, stomach ache, stomachache, tummy pain, tummy ache | R10.9
bloating = bloated | R14.0
blood in stool = blood in my stool, bloody stools, bloody stool
blood in urine = blood in my urine, hematuria | R31.9
burning urination = burning when i pee, burns when i pee, pain when urinating, painful urination, dysuria, burning with urination | R30.0
frequent urination = urinating more often, peeing a lot, urinary frequency | R35.0
fatigue = fatigued, tired all the time, exhausted, no energy, lack of energy, low energy | R53.83
weakness = feeling weak
numbness = numb | R20.0
tingling = pins and needles | R20.2
weight loss = losing weight, lost weight | R63.4
weight gain = gaining weight, gained weight | R63.5
loss of appetite = no appetite, poor appetite, decreased appetite | R63.0
night sweats | R61
sore throat = throat hurts, throat pain | J02.9
runny nose = nose is running
nasal congestion = stuffy nose, congestion, congested, stuffed up | R09.81
sneezing = sneeze | R06.7
ear pain = earache, my ear hurts
hearing loss = trouble hearing, difficulty hearing
blurry vision = blurred vision, vision changes | H53.8
back pain = my back hurts, backache, back hurts | M54.9
low back pain = lower back pain, pain in my lower back | M54.50
neck pain = my neck hurts, stiff neck | M54.2
knee pain = my knee hurts
left knee pain = pain in my left knee | M25.562
right knee pain = pain in my right knee | M25.561
left shoulder pain = pain in my left shoulder | M25.512
right shoulder pain = pain in my right shoulder | M25.511
shoulder pain = my shoulder hurts
hip pain = my hip hurts
ankle pain = my ankle hurts
wrist pain = my wrist hurts
elbow pain = my elbow hurts
foot pain = my foot hurts
joint pain = achy joints, aching joints, joints hurt | M25.50
muscle aches = body aches, muscle pain, achy muscles, myalgia | M79.10
swelling = swollen, edema
leg swelling = swollen legs, swollen ankles, swelling in my legs, swelling in my ankles
rash = skin rash | R21
itching = itchy, itchiness | L29.9
hives | L50.9
bruising = bruises
insomnia = trouble sleeping, can't sleep, difficulty sleeping, trouble falling asleep | G47.00
snoring = snore | R06.83
heartburn = acid reflux | R12
trouble swallowing = difficulty swallowing, dysphagia | R13.10
hoarseness = hoarse, hoarse voice | R49.0
memory loss = forgetful, memory problems | R41.3
tremor = shaking hands, hands shake | R25.1
stress = stressed
hot flashes = hot flushes
nosebleed = nose bleeds, bloody nose | R04.0
dry mouth | R68.2
excessive thirst = very thirsty, thirsty all the time | R63.1
`;

export const PROBLEMS = `
hypertension = high blood pressure, htn | I10
type 2 diabetes = type two diabetes, type ii diabetes, diabetes type 2 | E11.9
type 1 diabetes = type one diabetes, juvenile diabetes | E10.9
diabetes = diabetic, sugar diabetes, diabetes mellitus
prediabetes = pre-diabetes, borderline diabetes | R73.03
high cholesterol = hypercholesterolemia | E78.00
hyperlipidemia = dyslipidemia | E78.5
hypothyroidism = underactive thyroid, low thyroid | E03.9
hyperthyroidism = overactive thyroid | E05.90
obesity = obese | E66.9
asthma | J45.909
copd = chronic obstructive pulmonary disease, emphysema and bronchitis | J44.9
emphysema | J43.9
pneumonia | J18.9
bronchitis | J40
acute bronchitis | J20.9
common cold = head cold, upper respiratory infection, uri
influenza = the flu, flu
covid = covid-19, coronavirus | U07.1
sinusitis = sinus infection
acute sinusitis | J01.90
strep throat = streptococcal pharyngitis | J02.0
tonsillitis | J03.90
ear infection = otitis media | H66.90
seasonal allergies = hay fever, allergic rhinitis | J30.2
tuberculosis = tb
sleep apnea | G47.30
obstructive sleep apnea | G47.33
congestive heart failure = heart failure, chf | I50.9
coronary artery disease = cad | I25.10
heart attack = myocardial infarction
atrial fibrillation = a-fib, afib, a fib | I48.91
heart murmur = murmur | R01.1
stroke = cva
transient ischemic attack = tia, mini stroke, mini-stroke | G45.9
deep vein thrombosis = dvt
pulmonary embolism
peripheral artery disease = peripheral vascular disease | I73.9
varicose veins
anemia = anemic, low iron, low blood count | D64.9
iron deficiency anemia | D50.9
gerd = reflux disease, gastroesophageal reflux | K21.9
gastritis | K29.70
gastroenteritis = stomach flu, stomach bug
peptic ulcer = stomach ulcer
irritable bowel syndrome = ibs | K58.9
crohn's disease = crohns | K50.90
ulcerative colitis | K51.90
diverticulitis
diverticulosis
gallstones = gall stones | K80.20
hemorrhoids | K64.9
hepatitis c
cirrhosis
appendicitis | K37
hernia
inguinal hernia
pancreatitis
kidney stones = kidney stone, renal stones | N20.0
chronic kidney disease = ckd | N18.9
kidney disease
urinary tract infection = uti, bladder infection | N39.0
pyelonephritis = kidney infection
enlarged prostate = benign prostatic hyperplasia, bph | N40.0
urinary incontinence = incontinence | R32
erectile dysfunction | N52.9
endometriosis | N80.9
polycystic ovary syndrome = pcos | E28.2
osteoarthritis = degenerative arthritis | M19.90
rheumatoid arthritis | M06.9
arthritis | M19.90
gout | M10.9
osteoporosis | M81.0
fibromyalgia | M79.7
sciatica
herniated disc = slipped disc
carpal tunnel syndrome = carpal tunnel | G56.00
plantar fasciitis | M72.2
tendinitis = tendonitis
rotator cuff tear
meniscus tear = torn meniscus
sprain = sprained
ankle sprain = sprained ankle
fracture = broken bone
concussion
migraine = migraines, migraine headache | G43.909
epilepsy = seizure disorder | G40.909
seizure = seizures | R56.9
multiple sclerosis | G35
parkinson's disease = parkinsons, parkinson's
alzheimer's disease = alzheimers, alzheimer's | G30.9
dementia | F03.90
neuropathy = peripheral neuropathy | G62.9
depression = depressed, major depression | F32.A
anxiety = anxious | F41.9
generalized anxiety disorder | F41.1
panic attack = panic attacks
bipolar disorder = bipolar | F31.9
schizophrenia | F20.9
adhd = attention deficit disorder | F90.9
ptsd = post-traumatic stress disorder | F43.10
eczema = atopic dermatitis | L20.9
psoriasis | L40.9
acne | L70.9
cellulitis | L03.90
shingles = herpes zoster | B02.9
athlete's foot | B35.3
skin cancer
melanoma
breast cancer
colon cancer
lung cancer
prostate cancer
cancer
leukemia
lymphoma
glaucoma | H40.9
cataracts = cataract | H26.9
macular degeneration | H35.30
conjunctivitis = pink eye | H10.9
vertigo
lyme disease | A69.20
hiv
lupus
celiac disease | K90.0
vitamin d deficiency | E55.9
alcoholism = alcohol use disorder
dehydration = dehydrated | E86.0
kidney transplant
`;

export const DRUGS = `
acetaminophen = tylenol
albuterol = ventolin, proair, rescue inhaler
alendronate = fosamax
allopurinol
alprazolam = xanax
amitriptyline
amlodipine = norvasc
amoxicillin
amoxicillin clavulanate = augmentin
apixaban = eliquis
aripiprazole = abilify
aspirin = baby aspirin
atenolol
atorvastatin = lipitor
azithromycin = z-pak, z pack, zithromax
baclofen
benzonatate
bisoprolol
budesonide
bupropion = wellbutrin
buspirone
carvedilol = coreg
celecoxib = celebrex
cephalexin = keflex
cetirizine = zyrtec
chlorthalidone
ciprofloxacin = cipro
citalopram = celexa
clindamycin
clonazepam = klonopin
clonidine
clopidogrel = plavix
colchicine
cyclobenzaprine = flexeril
dapagliflozin = farxiga
diazepam = valium
diclofenac = voltaren
digoxin
diltiazem
diphenhydramine = benadryl
donepezil = aricept
doxycycline
duloxetine = cymbalta
empagliflozin = jardiance
enalapril
escitalopram = lexapro
esomeprazole = nexium
famotidine = pepcid
ferrous sulfate = iron tablets, iron pills
fluconazole = diflucan
fluoxetine = prozac
fluticasone = flonase
folic acid
furosemide = lasix
gabapentin = neurontin
glimepiride
glipizide
guaifenesin = mucinex
hydrochlorothiazide = hctz
hydrocodone = vicodin, norco
hydrocortisone
hydroxyzine
ibuprofen = advil, motrin
insulin glargine = lantus
insulin
ipratropium
isosorbide
lamotrigine = lamictal
levetiracetam = keppra
levofloxacin = levaquin
levothyroxine = synthroid
linagliptin
liraglutide = victoza
lisinopril
loperamide = imodium
loratadine = claritin
lorazepam = ativan
losartan = cozaar
meclizine
melatonin
meloxicam = mobic
metformin = glucophage
methotrexate
methylprednisolone = medrol
metoprolol = lopressor, toprol
metronidazole = flagyl
mirtazapine
montelukast = singulair
naproxen = aleve
nitrofurantoin = macrobid
nitroglycerin
nortriptyline
olmesartan
omeprazole = prilosec
ondansetron = zofran
oseltamivir = tamiflu
oxycodone = percocet
pantoprazole = protonix
paracetamol
paroxetine = paxil
penicillin
polyethylene glycol = miralax
pravastatin
prednisone
pregabalin = lyrica
propranolol
quetiapine = seroquel
ramipril
rivaroxaban = xarelto
rosuvastatin = crestor
salmeterol
semaglutide = ozempic, wegovy
sertraline = zoloft
sildenafil = viagra
simvastatin = zocor
sitagliptin = januvia
spironolactone
sulfamethoxazole = bactrim
sumatriptan = imitrex
tamsulosin = flomax
terazosin
tiotropium = spiriva
tizanidine
topiramate = topamax
torsemide
tramadol = ultram
trazodone
triamcinolone
valacyclovir = valtrex
valsartan = diovan
venlafaxine = effexor
verapamil
vitamin d
warfarin = coumadin
zolpidem = ambien
`;
