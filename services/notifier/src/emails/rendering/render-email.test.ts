import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type EmailTemplate, emailTemplates } from './email-kinds.ts';
import { renderEmail } from './render-email.ts';

const host = 'https://app.example.com';
const link = `${host}/reset-password?token=abc.def-_&x=1`;
const values = {
  projectName: 'Quartet',
  frontendHost: host,
  email: 'ada@example.com',
  link,
  validHours: 48,
};

const subjects: Record<EmailTemplate, string> = {
  welcome: 'Quartet - Welcome',
  'welcome-with-link': 'Quartet - Welcome',
  invitation: 'Quartet - New account for user ada@example.com',
  'password-recovery': 'Quartet - Password recovery for user ada@example.com',
  'password-changed': 'Quartet - Your password was changed',
  'password-guessing': 'Quartet - Somebody is trying to guess your password',
  'session-stolen': 'Quartet - We ended one of your sessions',
  'verify-email': 'Quartet - Verify your email',
  'email-changed': 'Quartet - Your email address was changed',
  farewell: 'Quartet - Your account was deleted',
  test: 'Quartet - Test email',
};

const usedUpKinds: readonly EmailTemplate[] = ['invitation', 'password-recovery', 'email-changed'];
const linkKinds: readonly EmailTemplate[] = [...usedUpKinds, 'verify-email', 'welcome-with-link'];

const links: Record<EmailTemplate, string[]> = {
  welcome: [host, `${host}/recover-password`],
  invitation: [link, `${host}/recover-password`],
  'password-recovery': [link],
  'password-changed': [`${host}/recover-password`],
  'password-guessing': [`${host}/recover-password`],
  'session-stolen': [`${host}/recover-password`],
  'verify-email': [link],
  'welcome-with-link': [link, `${host}/recover-password`],
  'email-changed': [link],
  farewell: [],
  test: [],
};

describe.each(emailTemplates)('%s', (kind) => {
  const mail = renderEmail(kind, values);

  test('has its subject', () => {
    expect(mail.subject).toBe(subjects[kind]);
  });

  test('has the links of its kind, in their order, in the HTML', () => {
    const found = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => unescapeHtml(href));
    expect([...new Set(found)]).toEqual(links[kind]);
  });

  test('has the same links in the text', () => {
    const found = [...mail.text.matchAll(/https?:\S+/g)].map(([url]) => url);
    expect(found).toEqual(links[kind]);
  });

  test('refers to nothing on the network but these links', () => {
    const addresses = unescapeHtml(mail.html).match(/(?:https?:)?\/\/[^\s"<]*/g) ?? [];
    expect(addresses.filter((address) => !links[kind].includes(address))).toEqual([]);
    expect(mail.html).not.toMatch(/<(?:link|img|script|iframe|object|base|form)\b|@import|url\(|\bsrc=/i);
  });

  test('contains no placeholder and no rest of MJML', () => {
    expect(mail.html + mail.text).not.toMatch(/\{\{|\}\}|undefined|NaN|mj-include|mj-text/);
  });

  test('names the address only to those who were given, or asked for, a token', () => {
    const named = linkKinds.includes(kind);
    expect(mail.html.includes(values.email)).toBe(named);
    expect(mail.text.includes(values.email)).toBe(named);
  });

  test('says how long its link is valid, and whether it works once', () => {
    for (const body of [mail.html, mail.text]) {
      expect(body.includes('expires after 48 hours')).toBe(linkKinds.includes(kind));
      expect(body.includes('works once and expires after 48 hours')).toBe(usedUpKinds.includes(kind));
    }
  });

  test('is English, readable on a phone and in the dark, and has a preheader', () => {
    expect(mail.html).toMatch(/^<!doctype html>\n<html lang="en"/);
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(mail.html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(mail.html).toContain('@media (prefers-color-scheme: dark)');
    expect(mail.html).toMatch(/<title>.+<\/title>/);
    expect(mail.html).toMatch(/<body[^>]*>\n<div style="display:none[^>]*>[^<]+<\/div>/);
    // 0 is MJML's way to make white space vanish, 1 the hidden preheader's.
    const sizes = [...mail.html.matchAll(/font-size:\s*(\d+)px/g)].map(([, size]) => Number(size));
    expect(sizes.filter((size) => size > 1 && size < 14)).toEqual([]);
    expect(sizes).toContain(16);
  });

  test('gives the HTML reader and the text reader the same headline', () => {
    const [, headline = 'none'] = /<h1>(.*)<\/h1>/.exec(mail.html) ?? [];
    expect(mail.text.split('\n')[0]).toBe(headline);
  });

  test('keeps lines within the 998 octets of RFC 5322', () => {
    for (const extension of ['html', 'txt']) {
      const template = readFileSync(join(import.meta.dirname, 'templates', `${kind}.${extension}`), 'utf8');
      expect(longestLine(template), extension).toBeLessThanOrEqual(998);
    }
    const token = 'a'.repeat(300);
    const long = renderEmail(kind, {
      ...values,
      email: `${'b'.repeat(243)}@example.com`,
      link: host + token,
    });
    expect(longestLine(long.html)).toBeLessThanOrEqual(998);
    expect(longestLine(long.text)).toBeLessThanOrEqual(998);
  });

  test('shows hostile values as text', () => {
    const projectName = `<b>&"'`;
    const hostile = renderEmail(kind, {
      ...values,
      projectName,
      email: '"<i>"@example.com',
      link: `${host}/"><script>`,
    });
    expect(hostile.html).toContain('&lt;b&gt;&amp;&quot;&#39;');
    expect(hostile.html).not.toMatch(/<b>|<i>|<script/);
    // As many attributes and tags as with harmless values: no quote has ended one early.
    expect(hostile.html.match(/[<>"]/g)).toEqual(mail.html.match(/[<>"]/g));
    expect(hostile.text).toContain(projectName);
    expect(hostile.subject.startsWith(`${projectName} - `)).toBe(true);
  });

  test('never has a line break from a value', () => {
    const broken = renderEmail(kind, {
      ...values,
      projectName: 'Quar\r\ntet\u2028\0\r\nBcc: eve@example.com\n',
      email: 'ada@example.com\r\nBcc: eve@example.com',
    });
    expect(broken.subject.startsWith('Quar tet Bcc: eve@example.com - ')).toBe(true);
    expect(broken.subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(broken.text.split('\n')).toHaveLength(mail.text.split('\n').length);
    expect(broken.html.split('\n')).toHaveLength(mail.html.split('\n').length);
  });

  test('does not treat a value as a template', () => {
    const echo = renderEmail(kind, { ...values, projectName: '{{link}}' });
    expect(echo.subject.startsWith('{{link}} - ')).toBe(true);
    expect(echo.text).toContain('{{link}}');
  });
});

test.each(['welcome', 'password-changed', 'farewell', 'test'] as const)('%s needs no link', (kind) => {
  const { projectName, frontendHost, email } = values;
  expect(renderEmail(kind, { projectName, frontendHost, email })).toEqual(renderEmail(kind, values));
});

test.each(['invitation', 'password-recovery', 'verify-email', 'welcome-with-link'] as const)(
  '%s cannot be rendered without a link',
  (kind) => {
    const { projectName, frontendHost, email } = values;
    // @ts-expect-error the compiler says so too
    expect(() => renderEmail(kind, { projectName, frontendHost, email })).toThrow(/no value for/);
  },
);

test('one hour is not "1 hours"', () => {
  expect(renderEmail('password-recovery', { ...values, validHours: 1 }).text).toContain('after 1 hour.');
});

function unescapeHtml(html: string): string {
  return html.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function longestLine(text: string): number {
  return Math.max(...text.split('\n').map((line) => Buffer.byteLength(line)));
}
