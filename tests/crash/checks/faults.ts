/** The table of the report has these names. */
export const faultKinds = {
  document: 'documents wrong',
  'event-missing': 'events missing',
  order: 'events out of order',
  'effect-missing': 'effects missing',
  'effect-doubled': 'effects doubled',
  'email-missing': 'e-mails missing',
  'email-doubled': 'e-mails doubled',
  'live-missing': 'live updates missing',
  'live-doubled': 'live updates doubled',
  'dead-letter': 'dead letters',
  answer: 'wrong answers',
  'not-quiet': 'never quiet',
} as const;

export type FaultKind = keyof typeof faultKinds;

export type Fault = { kind: FaultKind; about: string; detail: string };
