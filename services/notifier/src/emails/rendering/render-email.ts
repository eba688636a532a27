import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmailTemplate, LinkEmailTemplate } from './email-kinds.ts';
import { escapeHtml, parseTemplate, type Template } from './template.ts';

export type { EmailKind, LinkEmailKind } from './email-kinds.ts';

export type EmailContent = { subject: string; html: string; text: string };

/** `frontendHost` is an address without a trailing slash. */
export type EmailValues = { projectName: string; frontendHost: string; email: string };

export type LinkEmailValues = EmailValues & { link: string; validHours: number };

type Placeholder = keyof LinkEmailValues;

// Only e-mails with a link name the address: their recipients asked for a token or were given one.
const plainPlaceholders: readonly Placeholder[] = ['projectName', 'frontendHost'];
const linkPlaceholders: readonly Placeholder[] = [...plainPlaceholders, 'email', 'link', 'validHours'];

const placeholders: Record<EmailTemplate, readonly Placeholder[]> = {
  welcome: plainPlaceholders,
  'welcome-with-link': linkPlaceholders,
  invitation: linkPlaceholders,
  'password-recovery': linkPlaceholders,
  'password-changed': plainPlaceholders,
  'password-guessing': plainPlaceholders,
  'session-stolen': plainPlaceholders,
  'verify-email': linkPlaceholders,
  'email-changed': linkPlaceholders,
  farewell: plainPlaceholders,
  test: plainPlaceholders,
};

const subjects: Record<EmailTemplate, (email: string) => string> = {
  welcome: () => 'Welcome',
  'welcome-with-link': () => 'Welcome',
  invitation: (email) => `New account for user ${email}`,
  'password-recovery': (email) => `Password recovery for user ${email}`,
  'password-changed': () => 'Your password was changed',
  'password-guessing': () => 'Somebody is trying to guess your password',
  'session-stolen': () => 'We ended one of your sessions',
  'verify-email': () => 'Verify your email',
  'email-changed': () => 'Your email address was changed',
  farewell: () => 'Your account was deleted',
  test: () => 'Test email',
};

const htmlTemplates = loadTemplates('html');
const textTemplates = loadTemplates('txt');

/** A template that is known only at run time takes the first form. */
export function renderEmail(template: EmailTemplate, values: LinkEmailValues): EmailContent;
export function renderEmail(
  template: Exclude<EmailTemplate, LinkEmailTemplate>,
  values: EmailValues,
): EmailContent;
export function renderEmail(template: EmailTemplate, values: EmailValues | LinkEmailValues): EmailContent {
  const filling = {
    projectName: oneLine(values.projectName),
    frontendHost: oneLine(values.frontendHost),
    email: oneLine(values.email),
    ...('link' in values && {
      link: oneLine(values.link),
      validHours: values.validHours === 1 ? '1 hour' : `${values.validHours} hours`,
    }),
  };
  return {
    subject: subjectOf(template, values.projectName, values.email),
    html: htmlTemplates[template].fill(filling, escapeHtml),
    text: textTemplates[template].fill(filling),
  };
}

export function subjectOf(template: EmailTemplate, projectName: string, email: string): string {
  return `${oneLine(projectName)} - ${subjects[template](oneLine(email))}`;
}

/** A line break in a value could add a header to the e-mail, or a paragraph to its text. */
function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function loadTemplates(extension: 'html' | 'txt'): Record<EmailTemplate, Template<Placeholder>> {
  const load = (name: EmailTemplate) => {
    const file = join(import.meta.dirname, 'templates', `${name}.${extension}`);
    return parseTemplate(file, readFileSync(file, 'utf8'), placeholders[name]);
  };
  return {
    welcome: load('welcome'),
    'welcome-with-link': load('welcome-with-link'),
    invitation: load('invitation'),
    'password-recovery': load('password-recovery'),
    'password-changed': load('password-changed'),
    'password-guessing': load('password-guessing'),
    'session-stolen': load('session-stolen'),
    'verify-email': load('verify-email'),
    'email-changed': load('email-changed'),
    farewell: load('farewell'),
    test: load('test'),
  };
}
