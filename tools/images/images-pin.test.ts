import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listenUrl } from '../../tests/support/listen-url.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { freePort } from '../engines/index.ts';
import { parseOptions, pinImages } from './pin.ts';
import { FILES, findReferences } from './references.ts';

const ROOT = join(import.meta.dirname, '../..');
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const isHere = spawnSync('docker-registry', ['--help']).error === undefined;

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** This local registry keeps its images in a folder of the test. */
async function startRegistry(): Promise<string> {
  const [folder, port] = [await tempFolder(), await freePort()];
  const config = join(folder, 'config.yml');
  const address = `127.0.0.1:${port}`;
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${folder} } }\nhttp: { addr: "${address}" }\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect
    .poll(() =>
      fetch(`http://${address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    .toBe(true);
  return `http://${address}`;
}

/** Gives a tag a new image for two platforms, and returns its digest. */
async function push(registry: string, repository: string, tag: string, content: string): Promise<string> {
  const base = `${registry}/v2/${repository}`;
  const put = async (url: string, body: string, type: string) => {
    const answer = await fetch(url, { method: 'PUT', body, headers: { 'Content-Type': type } });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  };
  const manifests = [];
  for (const architecture of ['amd64', 'arm64']) {
    const config = JSON.stringify({ architecture, content });
    const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', registry);
    place.searchParams.set('digest', digestOf(config));
    await put(place.href, config, 'application/octet-stream');
    const described = {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      size: config.length,
      digest: digestOf(config),
    };
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: described, layers: [] });
    await put(`${base}/manifests/${digestOf(manifest)}`, manifest, MANIFEST);
    const platform = { architecture, os: 'linux' };
    manifests.push({ mediaType: MANIFEST, size: manifest.length, digest: digestOf(manifest), platform });
  }
  const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  await put(`${base}/manifests/${tag}`, index, INDEX);
  return digestOf(index);
}

async function copyFiles(): Promise<string> {
  const folder = await tempFolder();
  for (const file of FILES) await cp(join(ROOT, file), join(folder, file));
  return folder;
}

const readAll = (folder: string) => Promise.all(FILES.map((file) => readFile(join(folder, file), 'utf8')));
const referencesIn = async (folder: string) => (await readAll(folder)).flatMap(findReferences);

async function pin(folder: string, ...argv: string[]) {
  const said: string[] = [];
  const { signal } = new AbortController();
  const code = await pinImages(folder, parseOptions(argv), (line) => said.push(line), signal);
  return { code, said: said.join('\n') };
}

test('given the files of the repository, then foreign images are found, and none of ours', async () => {
  const names = new Set((await referencesIn(ROOT)).map(({ name }) => name.split(':')[0]));
  expect([...names].toSorted()).toEqual([
    'axllent/mailpit',
    'gcr.io/distroless/cc-debian12',
    'ghcr.io/documentdb/documentdb/documentdb-local',
    'mongo',
    'mongo-express',
    'nats',
    'node',
    'traefik',
  ]);
});

describe.skipIf(!isHere)('at a registry', () => {
  async function mirror(folder: string) {
    const registry = await startRegistry();
    const digests = new Map<string, string>();
    for (const { name, repository, tag } of await referencesIn(folder)) {
      if (!digests.has(name)) digests.set(name, await push(registry, repository, tag, name));
    }
    return { registry, digests };
  }

  test('given all images, then each place gets the digest of its tag, repeatedly, and the check succeeds', async () => {
    const folder = await copyFiles();
    const { registry, digests } = await mirror(folder);
    const before = (await readAll(folder)).join('');
    expect(await pin(folder, '--check', '--registry', registry)).toMatchObject({ code: 1 });
    expect((await readAll(folder)).join('')).toBe(before);

    expect((await pin(folder, '--registry', registry)).code).toBe(0);
    const pinned = await referencesIn(folder);
    expect(pinned.length).toBeGreaterThan(digests.size);
    for (const { name, digest } of pinned) expect([name, digest]).toEqual([name, digests.get(name)]);
    const after = (await readAll(folder)).join('');
    // Only digests were written.
    expect(after.replaceAll(/@sha256:[0-9a-f]{64}/g, '')).toBe(
      before.replaceAll(/@sha256:[0-9a-f]{64}/g, ''),
    );
    expect(await pin(folder, '--registry', registry)).toMatchObject({ code: 0 });
    expect((await readAll(folder)).join('')).toBe(after);
    expect(await pin(folder, '--check', '--registry', registry)).toMatchObject({ code: 0 });
  });

  test('given a tag with a new image, then the check fails, and the next run pins it', async () => {
    const folder = await copyFiles();
    const { registry } = await mirror(folder);
    await pin(folder, '--registry', registry);
    const newer = await push(registry, 'library/mongo', '8.0', 'a later build');
    const checked = await pin(folder, '--check', '--registry', registry);
    expect(checked).toMatchObject({ code: 1, said: expect.stringContaining(`mongo:8.0: was sha256:`) });
    expect((await pin(folder, '--registry', registry)).code).toBe(0);
    expect((await referencesIn(folder)).find(({ name }) => name === 'mongo:8.0')?.digest).toBe(newer);
  });

  test('given images that a registry does not have, then they are named and unchanged, and the others are pinned', async () => {
    const folder = await copyFiles();
    const registry = await startRegistry();
    const digest = await push(registry, 'library/traefik', '3.6', 'x');
    const before = await referencesIn(folder);
    const { code, said } = await pin(folder, '--registry', registry);
    expect(code).toBe(1);
    expect(said).toMatch(/^mongo:8\.0: .*\/v2\/library\/mongo\/manifests\/8\.0 answered 404$/m);
    const expected = before.map((one) => (one.name === 'traefik:3.6' ? { ...one, digest } : one));
    expect(await referencesIn(folder)).toEqual(expected);
  });

  test('given an image of a registry on this machine, then that registry is used', async () => {
    const registry = await startRegistry();
    const digest = await push(registry, 'own/base', '1', 'x');
    const name = `${new URL(registry).host}/own/base:1`;
    const folder = await copyFiles();
    for (const file of FILES) await writeFile(join(folder, file), '');
    await writeFile(join(folder, 'Dockerfile'), `ARG BASE_IMAGE=${name}\nFROM \${BASE_IMAGE}\n`);
    expect((await pin(folder)).code).toBe(0);
    expect(await readFile(join(folder, 'Dockerfile'), 'utf8')).toBe(
      `ARG BASE_IMAGE=${name}@${digest}\nFROM \${BASE_IMAGE}\n`,
    );
  });

  test('given a registry that always requires a token, as Docker Hub does, then one is fetched', async () => {
    const registry = await startRegistry();
    const digest = await push(registry, 'library/nats', '1', 'x');
    // This replaces Docker Hub's token server.
    const front = await listenUrl(
      createServer(async (req, res) => {
        const url = new URL(req.url ?? '', 'http://front');
        if (url.pathname === '/token') {
          const asked = url.searchParams.get('scope') === 'repository:library/nats:pull';
          return void res.end(JSON.stringify(asked ? { token: 'for everybody' } : {}));
        }
        if (req.headers.authorization !== 'Bearer for everybody') {
          const place = `realm="http://${req.headers.host}/token",service="hub",scope="repository:library/nats:pull"`;
          return void res.writeHead(401, { 'WWW-Authenticate': `Bearer ${place}` }).end();
        }
        const answer = await fetch(registry + url.pathname, {
          headers: { Accept: String(req.headers.accept) },
        });
        res.end(Buffer.from(await answer.arrayBuffer()));
      }),
    );
    const folder = await copyFiles();
    for (const file of FILES) await writeFile(join(folder, file), '');
    await writeFile(join(folder, 'docker-compose.yml'), 'services:\n  nats:\n    image: nats:1\n');
    expect((await pin(folder, '--registry', front)).code).toBe(0);
    expect(await readFile(join(folder, 'docker-compose.yml'), 'utf8')).toContain(`image: nats:1@${digest}\n`);
  });
});

test('given a registry that answers a wrong manifest or none, then nothing is written', async () => {
  const liar = await listenUrl(
    createServer((_req, res) => void res.setHeader('Docker-Content-Digest', digestOf('other')).end('{}')),
  );
  const folder = await copyFiles();
  const before = await readAll(folder);
  expect(await pin(folder, '--registry', liar)).toMatchObject({
    code: 1,
    said: expect.stringContaining(`is ${digestOf('{}')}, not ${digestOf('other')} as it says`),
  });
  const nobody = await pin(folder, '--registry', `http://127.0.0.1:${await freePort()}`);
  expect(nobody).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
  expect(await readAll(folder)).toEqual(before);
});

test.each([['--registry', 'mirror.example'], ['--registry', 'https://mirror.example/v2'], ['--what']])(
  'given %s %s, then that is a wrong command line',
  (...argv) => {
    expect(() => parseOptions(argv)).toThrow(/--/);
  },
);
