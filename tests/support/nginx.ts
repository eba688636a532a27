import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../tools/engines/index.ts';
import { untilHealthy } from '../../tools/stack/ready-check.ts';
import type { Testbed } from './testbed.ts';

const STARTS_WITHIN_MS = 10_000;
const FOLDERS = [...(process.env.PATH?.split(delimiter) ?? []), '/usr/sbin'];

const program = FOLDERS.map((folder) => join(folder, 'nginx')).find((file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

export const hasNoNginx = program === undefined;

/** Runs nginx with its defaults in front of `target`; `more` is added to the location. */
export async function startNginx(
  bed: Pick<Testbed, 'stopLater'>,
  target: string,
  more = '',
): Promise<{ url: string }> {
  if (program === undefined) throw new Error('nginx is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'quartet-test-nginx-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  server {
    listen ${new URL(url).host};
    location = /up { return 200; }
    location / { proxy_pass ${target}; ${more} }
  }
}
`,
  );
  const nginx = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const closed = once(nginx, 'close');
  bed.stopLater(async () => {
    nginx.kill('SIGTERM');
    await closed;
    await rm(folder, { recursive: true, force: true });
  });
  if (!(await untilHealthy(`${url}/up`, AbortSignal.timeout(STARTS_WITHIN_MS))))
    throw new Error('nginx did not start');
  return { url };
}
