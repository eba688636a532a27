import { expect, test } from 'vitest';
import { startCatcher } from '../../tests/support/mail-catcher.ts';
import type { Searchable } from './search.ts';
import { parseQuery } from './search.ts';

const QUERIES: [string, string[]][] = [
  ['to:ann@example.org', ['Welcome aboard']],
  ['to:"ann@example.org"', ['Welcome aboard']],
  ['to:"Ann Example"', ['Welcome aboard']],
  ['TO:ANN@EXAMPLE.ORG', ['Welcome aboard']],
  ['cc:ann', ['Reset your password']],
  ['bcc:hidden', ['Reset your password']],
  ['from:quartet.dev', ['Reset your password', 'Welcome aboard']],
  ['addressed:ann', ['Reset your password', 'Welcome aboard']],
  ['addressed:hidden', ['Reset your password']],
  ['subject:"your password"', ['Reset your password']],
  ['subject:"password your"', []],
  ['message-id:reset-1', ['Reset your password']],
  ['is:read', ['Welcome aboard']],
  ['is:unread', ['Reset your password']],
  ['has:attachment', ['Reset your password']],
  ['-has:attachment', ['Welcome aboard']],
  ['!to:ann', ['Reset your password']],
  ['-is:unread', ['Welcome aboard']],
  ['APPLES', ['Welcome aboard']],
  ['"red apples"', ['Welcome aboard']],
  ['"apples red"', []],
  ['apples red', ['Welcome aboard']],
  ['"green pears"', ['Reset your password']],
  ['plums', []],
  ['zebra', []],
  ['manual.pdf', ['Reset your password']],
  ['example.org -ann', []],
  ['addressed:ann subject:reset is:unread', ['Reset your password']],
  ['to:ann subject:reset', []],
  ['to: -cc: subject:""', ['Reset your password', 'Welcome aboard']],
  ['constructor:x', []],
  ['constructor', []],
  ['- ! ""', ['Reset your password', 'Welcome aboard']],
];

test('every kind of term finds the matching mails', async () => {
  const { message, search, send } = await startCatcher();
  await send({ to: 'Ann Example <ann@example.org>', subject: 'Welcome aboard', text: 'Red apples' });
  await message();
  await send({
    to: 'bob@example.org',
    cc: 'ann@example.org',
    bcc: 'hidden@example.org',
    subject: 'Reset your password',
    html: '<title>zebra</title><p>green&nbsp;pears</p><script>plums</script>',
    messageId: '<reset-1@quartet.dev>',
    attachments: [{ filename: 'manual.pdf', content: 'x' }],
  });
  for (const [query, subjects] of QUERIES) {
    const { messages } = await search(query);
    expect
      .soft(
        messages.map(({ Subject }) => Subject),
        query,
      )
      .toEqual(subjects);
  }
  const counts = { total: 2, unread: 1, count: 1, messages_count: 1, messages_unread: 0 };
  expect(await search('apples')).toMatchObject(counts);
});

test('an open quote reaches to the end of the query', () => {
  const mail: Searchable = {
    messageId: '',
    subject: 'one two',
    ...{ from: [], to: [], cc: [], bcc: [], replyTo: [] },
    read: false,
    attachments: 0,
    inline: 1,
    text: 'one two',
  };
  expect(parseQuery('subject:"one two')(mail)).toBe(true);
  expect(parseQuery('subject:"two one')(mail)).toBe(false);
  expect(parseQuery('has:inline foo:bar')(mail)).toBe(false);
});
