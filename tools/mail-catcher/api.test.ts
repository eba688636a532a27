import { expect, test } from 'vitest';
import { startCatcher } from '../../tests/support/mail-catcher.ts';

const text = async (response: Response): Promise<[number, string]> => [
  response.status,
  await response.text(),
];

test('an empty mailbox answers as an empty list', async () => {
  const { list } = await startCatcher();
  expect(await list()).toStrictEqual({
    total: 0,
    unread: 0,
    count: 0,
    messages_count: 0,
    messages_unread: 0,
    start: 0,
    tags: [],
    messages: [],
  });
});

test('a listed mail has exactly the fields of Mailpit', async () => {
  const { list, send } = await startCatcher();
  await send({
    to: ['Ann Example <ann@example.org>', 'bob@example.org'],
    cc: 'Jörg <joerg@example.org>',
    replyTo: 'help@quartet.dev',
    subject: 'Grüße',
    messageId: '<one@quartet.dev>',
    html: '<style>p{}</style><p>Hello</p><p>you &amp; me</p>',
    attachments: [{ filename: 'a.txt', content: 'abc' }],
  });
  const { messages } = await list();
  expect(messages).toStrictEqual([
    {
      ID: expect.stringMatching(/^[0-9A-Za-z]{22}$/),
      MessageID: 'one@quartet.dev',
      Read: false,
      From: { Name: 'Quartet', Address: 'no-reply@quartet.dev' },
      To: [
        { Name: 'Ann Example', Address: 'ann@example.org' },
        { Name: '', Address: 'bob@example.org' },
      ],
      Cc: [{ Name: 'Jörg', Address: 'joerg@example.org' }],
      Bcc: [],
      ReplyTo: [{ Name: '', Address: 'help@quartet.dev' }],
      Subject: 'Grüße',
      Created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      Username: '',
      Tags: [],
      Size: expect.any(Number),
      Attachments: 1,
      Snippet: 'Hello you & me',
    },
  ]);
});

test('a mail has exactly the fields of Mailpit and is read once fetched', async () => {
  const { list, message, send } = await startCatcher();
  await send({
    subject: 'One',
    text: 'words',
    html: '<p>words</p>',
    date: new Date('2026-01-02T03:04:05Z'),
    headers: { 'List-Unsubscribe': '<mailto:out@quartet.dev>, <https://quartet.dev/out>' },
    attachments: [{ filename: 'a.txt', content: 'abc' }],
  });
  expect((await list()).unread).toBe(1);
  const found = await message();
  expect(found).toStrictEqual({
    ID: expect.any(String),
    MessageID: expect.stringContaining('@quartet.dev'),
    From: { Name: 'Quartet', Address: 'no-reply@quartet.dev' },
    To: [{ Name: '', Address: 'ann@example.org' }],
    Cc: [],
    Bcc: [],
    ReplyTo: [],
    ReturnPath: 'no-reply@quartet.dev',
    Subject: 'One',
    ListUnsubscribe: {
      Header: '<mailto:out@quartet.dev>, <https://quartet.dev/out>',
      Links: ['mailto:out@quartet.dev', 'https://quartet.dev/out'],
      Errors: '',
      HeaderPost: '',
    },
    Date: '2026-01-02T03:04:05.000Z',
    Tags: [],
    Username: '',
    Text: 'words',
    HTML: '<p>words</p>',
    Size: expect.any(Number),
    Inline: [],
    Attachments: [
      {
        PartID: '2',
        FileName: 'a.txt',
        ContentType: 'text/plain',
        ContentID: '',
        Size: 3,
        Checksums: {
          MD5: '900150983cd24fb0d6963f7d28e17f72',
          SHA1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
          SHA256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        },
      },
    ],
  });
  expect((await list()).unread).toBe(0);
  expect(await message(found.ID)).toStrictEqual(found);
});

test('lists are newest first and come in pages', async () => {
  const { list, send } = await startCatcher();
  for (const subject of ['one', 'two', 'three']) await send({ subject });
  const subjects = async (query: string) => (await list(query)).messages.map(({ Subject }) => Subject);
  expect(await subjects('')).toEqual(['three', 'two', 'one']);
  expect(await subjects('?start=1&limit=1')).toEqual(['two']);
  expect(await subjects('?start=7')).toEqual([]);
  expect(await subjects('?start=x&limit=-1')).toEqual(['three', 'two', 'one']);
  expect(await list('?start=1&limit=1')).toMatchObject({ total: 3, count: 1, messages_count: 3, start: 1 });
});

test('the source and the header are given without marking the mail read', async () => {
  const { call, list, read, send } = await startCatcher();
  await send({ subject: 'Grüße', headers: { 'X-Twice': ['a', 'b'] } });
  const raw = await call('/api/v1/message/latest/raw');
  expect(raw.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await raw.text()).toContain('\r\nSubject: =?UTF-8?Q?Gr');
  expect(await read('/api/v1/message/latest/headers')).toMatchObject({
    'Message-Id': [expect.stringMatching(/^<.+>$/)],
    'Mime-Version': ['1.0'],
    'X-Twice': ['a', 'b'],
  });
  const saved = await call('/api/v1/message/latest/raw?dl=1');
  expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename=".{22}\.eml"$/);
  expect((await list()).unread).toBe(1);
});

test('read flags are set for some, for a search, for all', async () => {
  const { call, list, send } = await startCatcher();
  for (const subject of ['one', 'two']) await send({ subject });
  const ids = (await list()).messages.map(({ ID }) => ID);
  const put = async (body: unknown) => {
    const response = await call('/api/v1/messages', { method: 'PUT', body: JSON.stringify(body) });
    expect(await text(response)).toEqual([200, 'ok']);
    return (await list()).messages.map(({ Read }) => Read);
  };
  expect(await put({ Read: true, IDs: [ids[0], 'unknown'] })).toEqual([true, false]);
  expect(await put({ Read: true, Search: 'subject:one' })).toEqual([true, true]);
  expect(await put({})).toEqual([false, false]);
  const both = JSON.stringify({ IDs: ids, Search: 'one' });
  expect((await call('/api/v1/messages', { method: 'PUT', body: both })).status).toBe(400);
});

test('mails are deleted by id, by search, all', async () => {
  const { call, list, read, send } = await startCatcher();
  for (const subject of ['one', 'two', 'three', 'four']) await send({ subject });
  const subjects = async () => (await list()).messages.map(({ Subject }) => Subject);
  const [newest] = (await list()).messages;
  const some = await call('/api/v1/messages', {
    method: 'DELETE',
    body: JSON.stringify({ IDs: [newest?.ID] }),
  });
  expect(await text(some)).toEqual([200, 'ok']);
  expect(await subjects()).toEqual(['three', 'two', 'one']);
  await call('/api/v1/search?query=two', { method: 'DELETE' });
  expect(await subjects()).toEqual(['three', 'one']);
  await call('/api/v1/messages', { method: 'DELETE' });
  expect(await subjects()).toEqual([]);
  expect(await read('/api/v1/info')).toMatchObject({
    Messages: 0,
    RuntimeStats: { MessagesDeleted: 4, SMTPAccepted: 4 },
  });
});
