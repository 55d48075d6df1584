/** Words that tell clinical content from small talk, and one part of the visit from the next. */

const words = (...lists: string[]): RegExp =>
  new RegExp(
    String.raw`\b(?:${lists.flatMap((list) => list.trim().split(/\s*\|\s*|\n\s*/)).join('|')})`,
    'i',
  );

export const BODY = words(
  `head|neck|throat|ear|eye|nose|nasal|sinus|mouth|tongue|lip|chest|lung|heart|abdom|belly|stomach|back|spine|lumbar
   |hip|knee|leg|ankle|foot|feet|toe|arm|shoulder|elbow|wrist|hand|finger|skin|thyroid|lymph|kidney|liver|bladder
   |bowel|rectal|pelvi|prostate|breast|muscle|joint|bone|nerve|extremit|carotid|groin|buttock|calf|thigh|jaw|tooth|teeth|gum`,
);

export const SYMPTOM = words(
  `pain|ache|aching|hurt|sore|cough|fever|chill|sweat|nause|vomit|throw(?:ing)? up|diarrhea|constipat|dizz|lighthead|faint
   |tired|fatigue|weak|numb|tingl|swell|swollen|rash|itch|burn|bleed|blood|short(?:ness)? of breath|breath|wheez|palpitation
   |headache|migraine|cramp|stiff|spasm|sleep|insomnia|appetite|weight|thirst|urin|pee|discharge|congest|runny|stuffy|sneez
   |anxi|depress|stress|mood|vision|blurr|hearing|ringing|bruis|lump|fall|fell|injur|twist|pop|limp|symptom|tender|red
   |worse|better|swallow|snor|infect|allerg|stool|period|pregnan|energy|memory|tremor|seizure|heartburn|reflux|bloat`,
);

export const HISTORY = words(
  `history|surger|pacemaker|[a-z]+ectomy|operat|diagnos|diabet|hypertens|blood pressure|cholesterol|asthma|copd|cancer|thyroid|arthritis|gout
   |stroke|heart (?:attack|failure|disease)|fibrillation|kidney|anemia|hepatitis|crohn|lupus|smok|drink|alcohol|drug|cigarette
   |vape|marijuana|[a-z]+(?:itis|osis|emia|oma|algia|opathy)|infection|strain|sprain|fracture|flu|pneumonia|vir(?:us|al)|sciatica|ulcer|hernia|wine|beer|tobacco|married|widow|divorc|retired|work|job|mother|father|mom|dad|brother|sister|family|grand
   |born|vaccin|shot|hospital|emergency|x-?ray|mri|ct scan|biopsy|colonoscopy|diet|exercis|salt|sugar|transplant|chemo|radiation`,
);

export const MEDICINE = words(
  `medic|pill|tablet|dose|mg|ibuprofen|tylenol|acetaminophen|advil|motrin|aleve|aspirin|insulin|antibiotic|inhaler|vitamin
   |supplement|cream|ointment|prescri|refill|steroid|lotion|drops|therapy|brace|ice|heat|injection|taking|supplements
   |[a-z]+(?:pril|olol|statin|formin|sartan|azole|cillin|mycin|oxicam|profen|dipine|prazole|cycline|oxacin|gliptin|semide|thiazide|zepam|xetine|traline|codone|predniso)`,
);

export const FINDING = words(
  `murmur|clear|rhonchi|rales|crackle|wheez|tender|edema|erythema|effusion|swell|redness|range of motion|flexion|extension
   |strength|reflex|palpat|auscult|regular|rhythm|gallop|rub|bruit|lymphadenopathy|distend|distention|soft|guarding|rebound|mass
   |lesion|rash|exudate|midline|alert|distress|pulses|sensation|gait|normal|intact|ecchymosis|deformity|positive|negative|bilateral
   |pupils|turbinate|tympanic|nodule|warm|dry|laceration|bruising|straight leg|crepitus|cyanosis|jugular|bowel sounds|pain with|pain on`,
);

export const VITALS =
  /\b(?:blood pressure|heart rate|pulse|temperature|temp|respirat(?:ory|ions?)|oxygen|saturation|o2|sat(?:s|ting)?|spo2|vital signs?|vitals|bmi|weight)\b/i;

export const RESULT =
  /\b(?:x-?rays?|mri|ct|cat scan|scan|ultrasound|ekg|ecg|echo(?:cardiogram)?|labs?|lab results?|test|results?|hemoglobin|a1c|cbc|white (?:blood )?(?:cell )?count|creatinine|cholesterol|ldl|glucose|tsh|urinalysis|panel|biopsy|pathology|covid)\b/i;

export const PLAN_START =
  /\b(?:my assessment|assessment and (?:my )?plan|my plan|(?:for|with|regarding|as for) (?:your|the|his|her) (?:first|second|third|next|last|other) (?:problem|issue|thing|diagnosis)|what i (?:think|want|would like)|here's what|so for your|i'm going to (?:prescribe|order|start|refer)|i am going to (?:prescribe|order|start|refer))\b/i;

export const EXAM_START =
  /\b(?:physical exam|examine you|quick exam|take a (?:quick )?(?:look|listen)|listen to your|vital signs|exam(?:ination)?,? (?:i|you|your|there)|on (?:your |the |physical )+\w* ?exam|look at your)\b/i;

export const SMALL_TALK =
  /\b(?:nice to (?:see|meet)|good to see|how are you|how're you|thank(?:s| you)|you're welcome|have a (?:good|great|nice)|see you (?:soon|then|later)|bye|sounds? (?:good|great|like a plan|fine)|any (?:other )?questions|dax|dragon|recording|weather|halloween|vacation|weekend|christmas|sports?|football|basketball team|favorite|awesome|cool|sorry to hear|no problem|does that (?:sound|make sense)|make sense|okay with that|let me know what|come in and|check you out|nurse told|front desk|take care|i understand|i agree|that's (?:great|good|fine|awesome|wonderful|a good)|congratulations|let me (?:just )?(?:take|look|see|check|listen|examine)|deep breath|open (?:up )?your mouth|say ah|lift up|push (?:against|on)|follow my finger|call(?:ing)? out|what i find|what that means|what does (?:all )?(?:of )?that mean|go over|talk (?:a little bit )?about)\b/i;

export const clinical = (text: string): number =>
  [BODY, SYMPTOM, HISTORY, MEDICINE].filter((list) => list.test(text)).length;
