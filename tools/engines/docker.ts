import { join, resolve } from 'node:path';
import type { EngineDefinition } from './definition.ts';
import { type Launch, type Place, type ProvideOptions, SourceUnavailable } from './types.ts';

/** @throws {SourceUnavailable} when no Docker engine of this machine answers */
export async function requireDocker() {
  const { getContainerRuntimeClient } = await loadTestcontainers();
  const client = await getContainerRuntimeClient().catch((err: unknown) => {
    throw new SourceUnavailable(`no Docker engine answers (${messageOf(err)})`);
  });
  const { host } = client.info.containerRuntime;
  if (host !== 'localhost' && host !== '127.0.0.1') {
    throw new SourceUnavailable(`the Docker engine runs elsewhere (${host}), without our data folder`);
  }
  return client;
}

export async function provideImages(image: string, options: ProvideOptions): Promise<void> {
  const client = await requireDocker();
  const { ImageName } = await loadTestcontainers();
  const pull = async (name: string, purpose: string, otherwise = '') => {
    const parsed = ImageName.fromString(name);
    if (await client.image.exists(parsed)) return;
    options.report.progress(`${purpose}: pulling ${name} with Docker, which takes a while`);
    const pulled = client.image.pull(parsed).catch((err: unknown) => {
      throw new SourceUnavailable(`${name} cannot be pulled: ${messageOf(err)}${otherwise}`);
    });
    await unlessAborted(pulled, options.signal);
    options.report.notice(`${purpose}: ${name} pulled`);
  };
  await pull(image, `${options.role} engine`);
  if (options.env.TESTCONTAINERS_RYUK_DISABLED !== 'true') {
    const hint = '; it removes what a killed start leaves, do without: TESTCONTAINERS_RYUK_DISABLED=true';
    await pull(options.env.RYUK_CONTAINER_IMAGE || REAPER, 'containers', hint);
  }
}

/** testcontainers 12 uses this image. */
const REAPER = 'testcontainers/ryuk:0.14.0';

export function containerLaunch(role: EngineDefinition['role'], place: Place): Pick<Launch, 'args'> {
  const main = join(import.meta.dirname, 'container', 'main.ts');
  return { args: [main, role, resolve(place.dataDir), String(place.port)] };
}

/** A pull cannot be cancelled; after an abort it continues in the background. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  await Promise.race([work, aborted.promise]).finally(() => signal?.removeEventListener('abort', abort));
}

const messageOf = (err: unknown): string => (err instanceof Error ? err.message : String(err)).trim();

/** It loads late: the import takes a second and a hundred megabytes, and few starts need it. */
function loadTestcontainers() {
  return import('testcontainers');
}
