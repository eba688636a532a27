import { expect, test } from 'vitest';
import { cpuMs } from '../../tests/support/cpu-time.ts';
import { readConfig } from './config.ts';
import { readHeaders, setHeader } from './headers.ts';
import { createSnippet, htmlToText } from './html-text.ts';
import { parseListUnsubscribe } from './list-unsubscribe.ts';
import { parseMail } from './parse-mail.ts';

test('an empty environment gives the defaults, and so do empty values', () => {
  const defaults = { host: '127.0.0.1', smtpPort: 1025, httpPort: 8025, maxMails: 500, hosts: [] };
  expect(readConfig({})).toEqual(defaults);
  expect(readConfig({ MAIL_DIR: '', MAIL_SMTP_PORT: ' ' })).toEqual(defaults);
  const given = {
    MAIL_DIR: '/mails',
    MAIL_HTTP_PORT: '0',
    MAIL_MAX: '3',
    MAIL_HOST: '::1',
    MAIL_HOSTS: 'a, b',
  };
  expect(readConfig(given)).toEqual({
    ...{ host: '::1', smtpPort: 1025, httpPort: 0, maxMails: 3, directory: '/mails', hosts: ['a', 'b'] },
  });
});

test('every mistake in the environment is in one message', () => {
  expect(() => readConfig({ MAIL_SMTP_PORT: '70000', MAIL_HTTP_PORT: 'x', MAIL_MAX: '0' })).toThrow(
    'configuration: MAIL_SMTP_PORT is not a port number ("70000"); MAIL_HTTP_PORT is not a port number ("x"); ' +
      'MAIL_MAX is not a number from 1 to 999999 ("0")',
  );
});

test('header fields are unfolded, sorted and spelled as Go does', () => {
  const raw = Buffer.from('subject: a\r\n\tb\r\nX-A: 1\r\n__proto__: p\r\nbroken\r\nx-a: 2\r\n\r\nbody: no');
  expect(Object.entries(readHeaders(raw))).toEqual([
    ['Subject', ['a b']],
    ['X-A', ['1', '2']],
    ['__proto__', ['p']],
  ]);
});

test('setting a header field keeps every other byte', () => {
  const body = Buffer.from([0xff, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a, 0x00]);
  const raw = Buffer.concat([Buffer.from('Bcc: x\r\n y\r\nX: \xe9\r\n\r\n', 'latin1'), body]);
  const changed = setHeader(raw, 'bcc', 'ü');
  expect(changed).toEqual(
    Buffer.concat([Buffer.from('bcc: ü\r\n'), Buffer.from('X: \xe9\r\n\r\n', 'latin1'), body]),
  );
});

test('HTML becomes readable text', () => {
  const html = `<!-- <p>no --><head><title>no</title><STYLE>p { }</STYLE></head>
    <p>One &lt;two&gt; &#8364;&#x20AC; &unknown; &#x110000;</p><div>a < b<br>three</div><script>no`;
  expect(htmlToText(html)).toBe('One <two> €€ &unknown; &#x110000;\na < b\nthree');
});

test('HTML that never closes costs no more than its length', () => {
  const took = cpuMs(() => {
    htmlToText('<style><!--<script '.repeat(100_000));
    htmlToText('<p '.repeat(500_000));
  });
  expect(took).toBeLessThan(2_000);
});

test('a snippet is cut between letters', () => {
  expect(createSnippet('', '')).toBe('');
  expect(createSnippet(' plain\n text ', '')).toBe('plain text');
  expect(createSnippet('', '😀'.repeat(201))).toBe(`${'😀'.repeat(200)}...`);
});

test.for<[string, string[], string]>([
  ['<mailto:a@x.org> (comment)', ['mailto:a@x.org'], ''],
  ['https://x.org', [], '"https://x.org" should be enclosed in <>'],
  ['<ftp://x.org>', [], '"ftp://x.org" should start with either http(s):// or mailto:'],
  ['<https://x.org/ a>', [], '"https://x.org/ a" should not contain spaces'],
  ['<https://x.org>, <http://y.org>', ['https://x.org'], '"http://y.org" should only contain one http link'],
  ['<https://>', [], '"https://" is no valid link'],
])('List-Unsubscribe %s', ([header, links, errors]) => {
  expect(parseListUnsubscribe(header, '')).toMatchObject({ Links: links, Errors: errors });
});

test('a mail with an unreadable date, a group and HTML only', async () => {
  const raw = 'Date: soon\r\nTo: team: a@x.org, B <b@x.org>;\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>';
  const mail = await parseMail(Buffer.from(raw));
  expect(mail.date).toBeUndefined();
  expect(mail.text).toBe('Hi');
  expect(mail.to).toEqual([
    { Name: '', Address: 'a@x.org' },
    { Name: 'B', Address: 'b@x.org' },
  ]);
});
