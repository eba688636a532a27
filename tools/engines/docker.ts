import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { EngineDefinition } from './definition.ts';
import type { Launch, Place, Report } from './types.ts';
import { SourceUnavailable } from './types.ts';

export type ImageOptions = {
  /** What the image is for, in messages. */
  role: string;
  env: NodeJS.ProcessEnv;
  report: Report;
  signal?: AbortSignal | undefined;
};

/** Connects to the Docker engine of this machine. Throws SourceUnavailable when none answers. */
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

/**
 * Makes sure that all images are here that a container needs, pulling what is missing.
 * Throws SourceUnavailable when they cannot be had.
 */
export async function provideImages(image: string, options: ImageOptions): Promise<void> {
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

/** The one that testcontainers 12 takes. */
const REAPER = 'testcontainers/ryuk:0.14.0';

/** How to run an engine's container: as a child of ours that lives as long as the container does. */
export function containerLaunch(role: EngineDefinition['role'], place: Place): Pick<Launch, 'args'> {
  const main = join(import.meta.dirname, 'container', 'main.ts');
  return { args: [main, role, resolve(place.dataDir), String(place.port)] };
}

/** A pull cannot be called off: whoever does not want to wait leaves it behind. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal }).then(() => signal.throwIfAborted());
  try {
    await Promise.race([work, aborted]);
  } finally {
    over.abort();
    aborted.catch(() => {});
  }
}

function messageOf(err: unknown): string {
  return (err instanceof Error ? err.message : String(err)).trim();
}

/** Loaded late: it takes a second and a hundred megabytes, and only few starts come to it. */
function loadTestcontainers() {
  return import('testcontainers');
}
