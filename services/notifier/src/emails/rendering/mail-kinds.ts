export const mailKinds = [
  'welcome',
  'invitation',
  'password-recovery',
  'password-changed',
  'password-guessing',
  'email-changed',
  'farewell',
  'test',
] as const;

export type MailKind = (typeof mailKinds)[number];

/** The kinds whose e-mail carries a link with a token. */
export type LinkMailKind = 'invitation' | 'password-recovery' | 'email-changed';

export const isLinkKind = (kind: MailKind): kind is LinkMailKind =>
  kind === 'invitation' || kind === 'password-recovery' || kind === 'email-changed';
