import {
  badEmail,
  brokenText,
  emoji,
  type FaultEntry,
  hasNul,
  notFlag,
  notText,
  tooLong,
  tooShort,
} from './faults.ts';

export type Rule = { value: unknown; fault: (field: string, input: unknown) => FaultEntry };

const LONE = 'half a pair \ud800';
const types = (wrong: unknown[], fault: Rule['fault']): Rule[] => wrong.map((value) => ({ value, fault }));
const NOT_TEXT = [1, true, [], ['a'], { a: 1 }];
const NO_AT = 'An email address must have an @-sign.';
const DOMAIN = 'The part after the @-sign is not valid.';
const LOCAL = 'The email address contains invalid characters before the @-sign.';

export const emailRules: Rule[] = [
  ...types(NOT_TEXT, notText),
  ...[
    ['', NO_AT],
    ['nobody', NO_AT],
    ['@example.com', 'There must be something before the @-sign.'],
    ['a@', 'There must be something after the @-sign.'],
    ['a@b', `${DOMAIN} It should have a period.`],
    ['a@-b.com', DOMAIN],
    ['a@xn--a.com', DOMAIN],
    ['a@0x7f.1', `${DOMAIN} It should be a name, not an IP address.`],
    ['a@b..com', 'An email address cannot have two periods in a row.'],
    ['.a@b.com', 'An email address cannot start with a period.'],
    ['a.@b.com', 'An email address cannot have a period immediately before the @-sign.'],
    ['a b@c.com', LOCAL],
    ['a@b@c.com', LOCAL],
    ['a\0@b.com', LOCAL],
    ['\ud800@b.com', LOCAL],
    [`${'a'.repeat(244)}@example.com`, 'The email address is too long (2 characters too many).'],
    [`${'a'.repeat(300)}@example.com`, 'The email address is too long (58 characters too many).'],
  ].map(([value, reason]) => ({ value, fault: badEmail(String(reason)) })),
];

export const passwordRules: Rule[] = [
  ...types(NOT_TEXT, notText),
  ...types(['', 'seven77', emoji(7)], tooShort(8)),
  ...types(['x'.repeat(129), emoji(129)], tooLong(128)),
  { value: 'password\0', fault: hasNul },
  { value: LONE, fault: brokenText },
];

export const nameRules: Rule[] = [
  ...types(NOT_TEXT, notText),
  ...types(['x'.repeat(256), emoji(256)], tooLong(255)),
  { value: 'a\0b', fault: hasNul },
  { value: LONE, fault: brokenText },
];

export const tokenRules: Rule[] = [
  ...types(NOT_TEXT, notText),
  { value: '\0', fault: hasNul },
  { value: LONE, fault: brokenText },
];
export const flagRules: Rule[] = types(['true', 0, 1, [], {}], notFlag);
export const nullRefused = (fault: Rule['fault']): Rule[] => types([null], fault);
export const always = (rules: Rule[]) => [...rules, ...nullRefused(notText)];
