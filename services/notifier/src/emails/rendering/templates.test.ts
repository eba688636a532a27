import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { staleEmails } from '../../../../../tools/build-emails.ts';

test('the checked-in HTML is the compiled MJML', async () => {
  expect(await staleEmails()).toEqual([]);
});

test('a changed, a missing and a superfluous file are named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emails-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(join(import.meta.dirname, 'templates'), folder, { recursive: true });

  await appendFile(join(folder, 'welcome.html'), '<p>\n');
  await rm(join(folder, 'farewell.html'));
  await writeFile(join(folder, 'goodbye.html'), '');

  expect(await staleEmails(folder)).toEqual(['farewell.html', 'goodbye.html', 'welcome.html']);
});
