import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startCatcher } from '../../tests/support/mail-catcher.ts';

const addresses = (list: { Address: string }[]): string[] => list.map(({ Address }) => Address);

test('recipients without a header field are listed as Bcc', async () => {
  const { message, send, call } = await startCatcher();
  await send({ to: 'ann@example.org', bcc: ['one@example.org', 'two@example.org'] });
  const mail = await message();
  expect(addresses(mail.To)).toEqual(['ann@example.org']);
  expect(addresses(mail.Bcc)).toEqual(['one@example.org', 'two@example.org']);
  const raw = await (await call('/api/v1/message/latest/raw')).text();
  expect(raw).toContain('Bcc: one@example.org,\r\n two@example.org\r\n');
});

test('the envelope sets the return path and extends an existing Bcc', async () => {
  const { message, send } = await startCatcher();
  const raw = 'Return-Path: <old@example.org>\nBcc: A <a@example.org>\nSubject: raw\nX-Long: a\n b\n\nbody\n';
  await send({ envelope: { from: 'bounce@quartet.dev', to: ['A@example.org', 'b@example.org'] }, raw });
  const mail = await message();
  expect(mail.ReturnPath).toBe('bounce@quartet.dev');
  expect(addresses(mail.Bcc)).toEqual(['a@example.org', 'b@example.org']);
  expect(mail.MessageID).toBe(`${mail.ID}@mail-catcher`);
  expect(mail.From).toEqual({ Name: '', Address: '' });
  expect(mail.Text.trim()).toBe('body');
});

test('any login is accepted and kept as the user name', async () => {
  const { list, logs, message, send } = await startCatcher();
  await send({ subject: 'one' }, { user: 'quartet', pass: 'pa55-word' });
  expect((await list()).messages[0]?.Username).toBe('quartet');
  expect((await message()).Username).toBe('quartet');
  expect(logs.join('')).not.toContain('pa55-word');
});

test('addresses outside ASCII are accepted', async () => {
  const { message, send } = await startCatcher();
  await send({ to: 'jörg@exämple.org', bcc: 'zoë@exämple.org', subject: 'Ünï' });
  const mail = await message();
  expect(addresses([...mail.To, ...mail.Bcc])).toEqual(['jörg@exämple.org', 'zoë@exämple.org']);
});

test.each([
  '=?utf-8?q?x?=@example.com',
  '=?utf-8?B?eA==?=@example.com',
  '=?utf-8?q?x_y?=@example.com',
  '=?utf-8?q?a=40b.example?=@example.com',
])('an address that looks like an encoded word, %s, is shown unchanged', async (address) => {
  const { message, search, send } = await startCatcher();
  await send({
    from: { name: 'Zoë', address },
    to: [{ name: 'Zoë', address }, 'ann@example.org'],
    cc: address,
    replyTo: address,
  });
  const { From, To, Cc, Bcc, ReplyTo } = await message();
  expect(From).toEqual({ Name: 'Zoë', Address: address });
  expect(To).toEqual([From, { Name: '', Address: 'ann@example.org' }]);
  expect(addresses([...Cc, ...ReplyTo])).toEqual([address, address]);
  expect(Bcc).toEqual([]);
  expect((await search(`to:${address}`)).messages).toHaveLength(1);
});

test('a mail above 25 MB is refused and the session goes on', async () => {
  const { catcher, list, read, send } = await startCatcher();
  const socket = connect(catcher.smtpPort, '127.0.0.1').setEncoding('latin1');
  const dialogue: [RegExp, string][] = [
    [/^220 /, 'EHLO test\r\n'],
    [/^250 /m, 'MAIL FROM:<a@example.org>\r\n'],
    [/^250 /m, 'RCPT TO:<b@example.org>\r\n'],
    [/^250 /m, 'DATA\r\n'],
    [/^354 /, `Subject: big\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(26_500)}.\r\n`],
    [/^552 /, 'QUIT\r\n'],
    [/^221 /, ''],
  ];
  let greeting = '';
  for (const [expected, next] of dialogue) {
    let answer = '';
    while (!expected.test(answer)) answer += String(await once(socket, 'data'));
    greeting += answer;
    socket.write(next);
  }
  socket.destroy();
  expect(greeting).toContain('SMTPUTF8');
  expect(greeting).toContain(`SIZE ${25 * 1024 * 1024}`);
  expect(greeting).not.toContain('STARTTLS');
  expect((await list()).total).toBe(0);
  expect(await read('/api/v1/info')).toMatchObject({ RuntimeStats: { SMTPRejected: 1 } });
  await send({ subject: 'small' });
  expect((await list()).total).toBe(1);
});

test('a client that disconnects in the middle does not disturb others', async () => {
  const { catcher, list, send } = await startCatcher();
  const socket = connect(catcher.smtpPort, '127.0.0.1');
  await once(socket, 'data');
  socket.write('EHLO test\r\nMAIL FROM:<a@example.org>\r\n');
  await once(socket, 'data');
  socket.resetAndDestroy();
  await send({ subject: 'next' });
  expect((await list()).total).toBe(1);
});

test('the log reports a mail without its content', async () => {
  const { logs, send } = await startCatcher();
  await send({ to: 'secret-person@example.org', subject: 'secret subject', text: 'secret link' });
  expect(logs.filter((line) => line.includes('mail received'))).toHaveLength(1);
  expect(logs.join('')).not.toContain('secret');
});

test('a body that is no valid mail is kept', async () => {
  const { message, send } = await startCatcher();
  await send({ envelope: { from: 'a@example.org', to: 'b@example.org' }, raw: 'no header here' });
  expect(addresses((await message()).Bcc)).toEqual(['b@example.org']);
});

test('stopping ends sessions that are still open', async () => {
  const { catcher } = await startCatcher();
  const sockets = [catcher.smtpPort, catcher.httpPort].map((port) => connect(port, '127.0.0.1'));
  // The connection must end, with or without a goodbye.
  const closed = sockets.map(
    (socket) =>
      new Promise((done) =>
        socket
          .resume()
          .on('error', () => {})
          .on('close', done),
      ),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\n');
  await catcher.stop();
  await Promise.all(closed);
});
