import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCatcher } from '../../tests/support/mail-catcher.ts';

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'mail-catcher-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const subjects = ({ messages }: { messages: { Subject: string }[] }): string[] =>
  messages.map(({ Subject }) => Subject);

test('mails survive a restart, with their envelope, order and id', async () => {
  const directory = join(await makeDirectory(), 'made', 'by-itself');
  const before = await startCatcher({ directory });
  for (const subject of ['one', 'two', 'three']) await before.send({ subject, bcc: 'hidden@example.org' });
  const kept = (await before.list()).messages;
  await before.catcher.stop();

  const after = await startCatcher({ directory });
  expect((await after.list()).messages).toStrictEqual(kept);
  expect(kept[0]?.Bcc).toEqual([{ Name: '', Address: 'hidden@example.org' }]);
  await after.send({ subject: 'four' });
  expect(subjects(await after.list())).toEqual(['four', 'three', 'two', 'one']);
});

test('a mail is on the disk as raw .eml when SMTP has answered, and gone once deleted', async () => {
  const directory = await makeDirectory();
  const { call, list, send } = await startCatcher({ directory });
  await send({ subject: 'one' });
  const [mail] = (await list()).messages;
  expect(await readdir(directory)).toEqual([
    expect.stringMatching(new RegExp(`^\\d{13}-000001-${mail?.ID}\\.eml$`)),
  ]);
  await call('/api/v1/messages', { method: 'DELETE' });
  expect(await readdir(directory)).toEqual([]);
});

test('an incomplete file from a crash is removed, and foreign files stay', async () => {
  const directory = await makeDirectory();
  await writeFile(join(directory, '1700000000000-000001-abc.eml.tmp'), 'Subj');
  await writeFile(join(directory, 'README'), 'mine');
  const { list } = await startCatcher({ directory });
  expect((await list()).total).toBe(0);
  expect(await readdir(directory)).toEqual(['README']);
});

test('above the limit the oldest mail is removed, also from the disk and at the start', async () => {
  const directory = await makeDirectory();
  const { catcher, list, send } = await startCatcher({ directory, maxMails: 2 });
  for (const subject of ['one', 'two', 'three']) await send({ subject });
  expect(subjects(await list())).toEqual(['three', 'two']);
  expect(await readdir(directory)).toHaveLength(2);
  await catcher.stop();
  const after = await startCatcher({ directory, maxMails: 1 });
  expect(subjects(await after.list())).toEqual(['three']);
  expect(await readdir(directory)).toHaveLength(1);
});

test('mails that arrive at once are all kept', async () => {
  const { list, send } = await startCatcher({ directory: await makeDirectory() });
  const sent = Array.from({ length: 20 }, (_, index) => `mail ${index}`);
  await Promise.all(sent.map((subject) => send({ subject })));
  expect(subjects(await list()).sort()).toEqual(sent.sort());
});

test('when the disk fails, SMTP answers a temporary error and nothing is listed', async () => {
  const directory = await makeDirectory();
  const { list, logs, send } = await startCatcher({ directory });
  await rm(directory, { recursive: true });
  await expect(send({ subject: 'lost' })).rejects.toMatchObject({ responseCode: 451 });
  expect((await list()).total).toBe(0);
  expect(logs.join('')).toContain('mail not kept');
});

test('a start that fails leaves nothing listening', async () => {
  const { catcher } = await startCatcher();
  const taken = startCatcher({ httpPort: catcher.httpPort });
  await expect(taken).rejects.toThrow(
    `port ${catcher.httpPort} on 127.0.0.1 is in use; stop the other program or set MAIL_HTTP_PORT`,
  );
  await expect(startCatcher({ host: '203.0.113.1' })).rejects.toThrow(
    /cannot listen on 203\.0\.113\.1 port 0/,
  );
});

test('an internal error is a 500 that hides its cause', async () => {
  const directory = join(await makeDirectory(), 'mails');
  const { call, logs, send } = await startCatcher({ directory });
  await send({ subject: 'one' });
  await rm(directory, { recursive: true });
  await writeFile(directory, 'a file where the directory was');
  const response = await call('/api/v1/messages', { method: 'DELETE' });
  expect([response.status, await response.text()]).toEqual([500, 'internal error']);
  expect(logs.join('')).toContain('request failed');
});
