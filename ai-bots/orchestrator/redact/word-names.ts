/** Names that are also words. By themselves they count as names only with a capital letter. */

const WORDS = `will may art bill rose grace hope mark drew pat sue rob chase ray dean guy jean june april august dawn eve faith joy
ivy lily daisy violet amber crystal heather holly iris olive pearl ruby rusty sandy sunny summer autumn skip chip grant frank
ernest max miles page parker pierce porter price rich rod sterling stone story strong sweet swift trace tucker victor wade
walker wall ward waters way weeks wells white wise wood woods young long short little small black brown green gray grey hand
foot head arm back bone blood pain heart day days night knight king queen bishop pope church hill field ford lake rivers brook
brooks banks park bush moss reed rice bean berry cherry pepper curry cook baker mason carter fisher hunter miller case love
bright sharp stark blunt cross best good major minor nurse doctor patient do so he she an in to no on or my you we it is as at
be by go if me of up us am ago all and any are but can for had has her him his how its let man men new not now off old one our
out over own she the too two was who why yes van von der den de la le del el al bin du da di dos st ten reading bath
mobile orange phoenix independence warren salem drug dose left right`;

export const WORD_NAMES: ReadonlySet<string> = new Set(WORDS.split(/\s+/));
