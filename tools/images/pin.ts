import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOptions, UsageError } from '../command-line.ts';
import { FILES, findReferences, withDigests } from './references.ts';
import { currentDigest, RegistryError } from './registry.ts';

export const usage = `Usage: npm run images:pin [-- options]

Asks the registries what the tags of all images are now that Dockerfile, compose files and .env.example name, and writes the
digests there, so that a build or a start takes exactly these. Run it again to take up newer ones.

  --check          write nothing; fail when an image has no digest, or its tag is another one by now
  --registry URL   ask this registry for all of them, such as a mirror
  --help           this text

Exit code: 0 when all are pinned, 1 when not, or when a registry does not say (that image stays as it is), 2 for a wrong
command line.`;

export type PinOptions = { help?: boolean; check: boolean; registry: string | undefined };

export function parseOptions(argv: string[]): PinOptions {
  const read = readOptions(argv, {
    check: { type: 'boolean', default: false },
    registry: { type: 'string' },
  });
  const registry = read.registry?.replace(/\/+$/, '');
  if (registry !== undefined && !/^https?:\/\/[^/]+$/.test(registry)) {
    throw new UsageError('--registry needs an address as in https://mirror.example');
  }
  return { help: read.help, check: read.check, registry };
}

export async function pinImages(
  root: string,
  { check, registry }: PinOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const texts = new Map<string, string>();
  for (const file of FILES) texts.set(file, await readFile(join(root, file), 'utf8'));
  const references = [...texts.values()].flatMap(findReferences);
  const digests = new Map<string, string>();
  let failed = 0;
  for (const image of new Map(references.map((one) => [one.name, one])).values()) {
    try {
      digests.set(image.name, await currentDigest(image, registry, signal));
    } catch (err) {
      if (!(err instanceof RegistryError)) throw err;
      failed += 1;
      say(`${image.name}: ${err.message}`);
    }
  }
  const stale = references.filter(({ name, digest }) => digests.has(name) && digests.get(name) !== digest);
  for (const { name, digest } of new Map(stale.map((one) => [one.name, one])).values()) {
    say(`${name}: ${digest === undefined ? 'not pinned' : `was ${digest}`}, is ${digests.get(name)}`);
  }
  if (!check) {
    for (const [file, text] of texts) {
      const pinned = withDigests(text, digests);
      if (pinned !== text) await writeFile(join(root, file), pinned);
    }
  }
  say(
    `${digests.size} of ${digests.size + failed} digests known, ${stale.length} places ${check ? 'to write' : 'written'}`,
  );
  return failed > 0 || (check && stale.length > 0) ? 1 : 0;
}
