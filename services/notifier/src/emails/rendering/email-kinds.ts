export const emailKinds = [
  'welcome',
  'invitation',
  'password-recovery',
  'password-changed',
  'password-guessing',
  'session-stolen',
  'verify-email',
  'email-changed',
  'farewell',
  'test',
] as const;

export type EmailKind = (typeof emailKinds)[number];

export type LinkEmailKind = 'invitation' | 'password-recovery' | 'verify-email' | 'email-changed';

export const isLinkKind = (kind: EmailKind): kind is LinkEmailKind =>
  kind === 'invitation' ||
  kind === 'password-recovery' ||
  kind === 'verify-email' ||
  kind === 'email-changed';

/** Whether auth may be asked for a link when the e-mail is sent. */
export const mayHaveLink = (kind: EmailKind): boolean => kind === 'welcome' || isLinkKind(kind);

/** A welcome has another text when its first link verifies the address. */
export const emailTemplates = [...emailKinds, 'welcome-with-link'] as const;

export type EmailTemplate = (typeof emailTemplates)[number];

export type LinkEmailTemplate = LinkEmailKind | 'welcome-with-link';
