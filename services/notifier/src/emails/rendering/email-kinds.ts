export const emailKinds = [
  'welcome',
  'invitation',
  'password-recovery',
  'password-changed',
  'password-guessing',
  'session-stolen',
  'email-changed',
  'farewell',
  'test',
] as const;

export type EmailKind = (typeof emailKinds)[number];

export type LinkEmailKind = 'invitation' | 'password-recovery' | 'email-changed';

export const isLinkKind = (kind: EmailKind): kind is LinkEmailKind =>
  kind === 'invitation' || kind === 'password-recovery' || kind === 'email-changed';
