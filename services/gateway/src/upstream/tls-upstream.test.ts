import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startProxy } from '../../../../tests/support/proxy.ts';

/** A certificate that is its own authority is made by this program, which not every machine has. */
const hasOpenSsl = (): boolean => {
  try {
    return execFileSync('openssl', ['version']).length > 0;
  } catch {
    return false;
  }
};
const canTrust = typeof setDefaultCACertificates === 'function';

async function makeCertificate(name: string): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'quartet-test-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -x509'.split(' ');
  const named = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  await promisify(execFile)('openssl', ['req', ...made, ...named, '-keyout', key, '-out', cert]);
  const both = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(folder, { recursive: true });
  return both;
}

test.skipIf(!hasOpenSsl() || !canTrust)(
  'given an https:// name, then the gateway connects under the name, for which the certificate must be valid',
  async () => {
    const { key, cert } = await makeCertificate('items.test');
    const names: unknown[] = [];
    const server = createServer({ key, cert }, (req, res) => res.end(`for ${req.headers.host}`));
    server.on('secureConnection', ({ servername }) => void names.push(servername));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, cert]);
    const lookup = async () => ['127.0.0.1'];
    const right = await startProxy([`https://items.test:${address.port}`], lookup);
    const wrong = await startProxy([`https://other.test:${address.port}`], lookup);

    expect(await (await fetch(right.url)).text()).toBe(`for items.test:${address.port}`);
    expect((await fetch(wrong.url)).status).toBe(503);
    expect(names[0]).toBe('items.test');

    await right.stop();
    await wrong.stop();
    setDefaultCACertificates(before);
    server.close();
  },
);
