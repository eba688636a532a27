import { mkdir } from 'node:fs/promises';
import type { RunningEngine } from './types.ts';
import { SourceUnavailable } from './types.ts';

/** A container that serves one port and keeps one folder. */
export interface ContainerRequest {
  image: string;
  command: string[];
  /** A file to put into the container before it starts. */
  file?: { target: string; content: string };
  containerPort: number;
  port: number;
  dataDir: string;
  dataTarget: string;
  readyLine: RegExp;
  url(port: number): string;
}

/** Throws SourceUnavailable when no Docker engine answers. */
export async function requireDocker(): Promise<void> {
  const { getContainerRuntimeClient } = await loadTestcontainers();
  try {
    await getContainerRuntimeClient();
  } catch (error) {
    throw new SourceUnavailable(
      `no Docker engine answers (${error instanceof Error ? error.message : error})`,
    );
  }
}

/** Starts a container, removed by testcontainers' reaper should this process die; the data stays in `dataDir`. */
export async function startContainer(request: ContainerRequest): Promise<RunningEngine> {
  const { GenericContainer, Wait } = await loadTestcontainers();
  await mkdir(request.dataDir, { recursive: true });
  const container = new GenericContainer(request.image)
    .withCommand(request.command)
    .withExposedPorts({ container: request.containerPort, host: request.port })
    .withBindMounts([{ source: request.dataDir, target: request.dataTarget }])
    // The image of NATS has no shell, which testcontainers' usual wait for an open port needs.
    .withWaitStrategy(Wait.forLogMessage(request.readyLine));
  if (process.getuid !== undefined && process.getgid !== undefined) {
    // Otherwise the files in our folder would belong to a user of the image, and could not be removed.
    container.withUser(`${process.getuid()}:${process.getgid()}`);
  }
  if (request.file !== undefined) {
    container.withCopyContentToContainer([request.file]);
  }
  const started = await container.start();
  return {
    url: request.url(request.port),
    source: 'docker',
    stop: async () => {
      await started.stop();
    },
  };
}

/** Loaded late: it takes a second and a hundred megabytes, and only few starts come to it. */
function loadTestcontainers() {
  return import('testcontainers');
}
