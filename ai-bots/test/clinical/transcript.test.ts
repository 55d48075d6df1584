/** Transcripts in every form that people and recognisers write. */
import { describe, expect, test } from '@jest/globals';
import { parseTranscript, toVtt, withChannelRoles } from '../../clinical/index.ts';

type Row = readonly [title: string, text: string, contentType: 'text/plain' | 'text/vtt', turns: unknown];

const TABLE: readonly Row[] = [
  [
    'Labels with a colon.',
    'Doctor: Hi.\nPatient: Hello.',
    'text/plain',
    [
      ['c1', 'clinician', 'Hi.'],
      ['c2', 'patient', 'Hello.'],
    ],
  ],
  [
    'Labels in brackets.',
    '[doctor] hi .\n[patient] hey',
    'text/plain',
    [
      ['c1', 'clinician', 'hi .'],
      ['c2', 'patient', 'hey'],
    ],
  ],
  [
    'Short labels, blank lines and CRLF.',
    'DR: Hi.\r\n\r\nPT: Hey.',
    'text/plain',
    [
      ['c1', 'clinician', 'Hi.'],
      ['c2', 'patient', 'Hey.'],
    ],
  ],
  [
    'A name beside a doctor is the patient.',
    'Dr. Lee: Hi.\nMaria: Hey.',
    'text/plain',
    [
      ['c1', 'clinician', 'Hi.'],
      ['c2', 'patient', 'Hey.'],
    ],
  ],
  [
    'Of two names the one who asks is the clinician.',
    'Speaker 1: How are you?\nSpeaker 2: Bad.',
    'text/plain',
    [
      ['c1', 'clinician', 'How are you?'],
      ['c2', 'patient', 'Bad.'],
    ],
  ],
  [
    'A line without label goes on with the speaker.',
    'Doctor: Hi.\nSit down.',
    'text/plain',
    [
      ['c1', 'clinician', 'Hi.'],
      ['c2', 'clinician', 'Sit down.'],
    ],
  ],
  [
    'No labels at all.',
    'i have a cough\nany fever',
    'text/plain',
    [
      ['c1', undefined, 'i have a cough'],
      ['c2', undefined, 'any fever'],
    ],
  ],
  [
    'A family member.',
    'Doctor: Hi.\nGuest_family: He fell.',
    'text/plain',
    [
      ['c1', 'clinician', 'Hi.'],
      ['c2', 'other', 'He fell.'],
    ],
  ],
  [
    'WebVTT with notes, styles, cue ids, voices and short times.',
    'WEBVTT title\n\nSTYLE\n::cue {}\n\nNOTE no\n\nx1\n00:01.000 --> 00:02.500 align:start\n<v Doctor>Any <b>pain</b> &amp; fever?</v>\n\nx2\n01:00:03.000 --> 01:00:04.000\n<v.loud Patient>No.',
    'text/vtt',
    [
      ['x1', 'clinician', 'Any pain & fever?', 1000, 2500],
      ['x2', 'patient', 'No.', 3603000, 3604000],
    ],
  ],
  [
    'Two voices in one cue become two segments.',
    'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Doctor>Fever?\n<v Patient>No.',
    'text/vtt',
    [
      ['c1', 'clinician', 'Fever?', 1000, 2000],
      ['c2', 'patient', 'No.', 1000, 2000],
    ],
  ],
];

describe('parseTranscript', () => {
  test.each(TABLE)('%s', (_title, text, contentType, turns) => {
    const { segments } = parseTranscript(text, contentType);
    const seen = segments.map((s) => [
      s.id,
      s.role,
      s.text,
      ...(s.startMs === undefined ? [] : [s.startMs, s.endMs]),
    ]);
    expect(seen).toEqual(turns);
  });

  test.each(['', ' \n ', 'WEBVTT\n\nNOTE nothing', '[doctor] ...'])(
    '%j holds nothing that was said.',
    (text) => {
      expect(() => parseTranscript(text, 'text/plain')).toThrow('nothing that was said');
    },
  );

  test.each(TABLE)('Written as WebVTT and read again it is the same: %s', (_title, text, contentType) => {
    const transcript = parseTranscript(text, contentType);
    expect(parseTranscript(toVtt(transcript), 'text/vtt')).toEqual(transcript);
  });
});

test('A visit in one line is divided at its labels, or where the model hears an end.', () => {
  const texts = (line: string) =>
    parseTranscript(line, 'text/plain').segments.map(({ role, text }) => [role, text]);
  expect(texts('Doctor: Any pain? Patient: No. Doctor: Good.')).toEqual([
    ['clinician', 'Any pain?'],
    ['patient', 'No.'],
    ['clinician', 'Good.'],
  ]);
  const spoken =
    'hi what brings you in today i have had a cough for three days okay do you have any fever no i do not have a fever okay your lungs are clear i am going to start you on an antibiotic and i want to see you back in two weeks';
  const pieces = texts(spoken).map(([, text]) => text);
  expect(pieces.join(' ')).toBe(spoken);
  expect(pieces.length).toBeGreaterThan(3);
});

test('The words tell which of two channels is the clinician’s; in doubt nobody is.', () => {
  const heard = (channel: number, text: string) => ({ channel, text });
  const doctor = ['what brings you in today', 'any fever or chills', 'i want to see you back in two weeks'];
  const patient = ['i have had a cough for three days', 'no i feel tired', 'okay thank you doctor'];
  for (const [left, right] of [
    [doctor, patient],
    [patient, doctor],
  ] as const) {
    const roles = withChannelRoles([
      ...left.map((text) => heard(0, text)),
      ...right.map((text) => heard(1, text)),
    ]);
    const expected = left === doctor ? ['clinician', 'patient'] : ['patient', 'clinician'];
    expect(roles.map(({ role }) => role)).toEqual(expected.flatMap((role) => [role, role, role]));
  }
  expect(withChannelRoles([heard(0, 'any pain'), heard(1, 'any pain')])).toEqual([
    heard(0, 'any pain'),
    heard(1, 'any pain'),
  ]);
  expect(withChannelRoles([{ text: 'any pain' }])).toEqual([{ text: 'any pain' }]);
});
