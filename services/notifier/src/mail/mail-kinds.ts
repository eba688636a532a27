export const mailKinds = [
  'welcome',
  'invitation',
  'password-recovery',
  'password-changed',
  'farewell',
  'test',
] as const;

export type MailKind = (typeof mailKinds)[number];
