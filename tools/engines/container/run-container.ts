import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { GenericContainer, Wait } from 'testcontainers';
import type { ContainerRequest } from '../definition.ts';
import { requireDocker } from '../docker.ts';

type DockerClient = Awaited<ReturnType<typeof requireDocker>>;

const LABEL = 'quartet.data';
const STOP_WITHIN_MS = 5000;
const POLL_MS = 100;

export type ContainerOptions = {
  port: number;
  readyLine: RegExp;
  write(line: string): void;
  signal: AbortSignal;
};

/** Runs a container until it ends, and returns its exit code. @throws {Error} when it is not ready in time */
export async function runContainer(request: ContainerRequest, options: ContainerOptions): Promise<number> {
  const client = await requireDocker();
  // A container of a killed start would hold the port, and the engine's lock on the data.
  await removeContainers(client, request.dataDir);
  const ended = Promise.withResolvers<void>();
  const container = new LocalContainer(request, options.port)
    .withLogConsumer((log) => {
      createInterface({ input: log }).on('line', options.write).once('close', ended.resolve);
    })
    // testcontainers' usual check of an open port needs a shell, which the NATS image lacks.
    .withWaitStrategy(Wait.forLogMessage(options.readyLine));
  const aborted = Promise.withResolvers<void>();
  options.signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  // Reading the log does not keep a process running.
  const keepAlive = setInterval(() => {}, 60_000);
  const started = container.start();
  const outcome = started.then(() => ended.promise);
  try {
    await Promise.race([outcome, aborted.promise]);
    return options.signal.aborted ? 0 : await exitCodeOf(client, await started);
  } catch (err) {
    if (options.signal.aborted) return 0;
    throw err;
  } finally {
    await removeForGood(client, request.dataDir, started);
    clearInterval(keepAlive);
  }
}

class LocalContainer extends GenericContainer {
  constructor(request: ContainerRequest, port: number) {
    super(request.image);
    this.withCommand(request.command)
      .withExposedPorts({ container: request.containerPort, host: port })
      .withBindMounts([{ source: request.dataDir, target: request.dataTarget }])
      .withLabels({ [LABEL]: request.dataDir });
    // testcontainers publishes on every address of the machine, and the database asks for no password.
    const binding = { HostIp: '127.0.0.1', HostPort: String(port) };
    this.hostConfig.PortBindings = { [`${request.containerPort}/tcp`]: [binding] };
    if (process.getuid !== undefined && process.getgid !== undefined) {
      // Otherwise files in the data folder would belong to a user of the image, and could not be removed.
      this.withUser(`${process.getuid()}:${process.getgid()}`);
    }
  }
}

async function exitCodeOf(client: DockerClient, started: { getId(): string }): Promise<number> {
  const { State } = await client.container.inspect(client.container.getById(started.getId()));
  return State.ExitCode;
}

/** It repeats until the start has ended, because a start cannot be cancelled. */
async function removeForGood(client: DockerClient, dataDir: string, started: Promise<unknown>) {
  let starting = true;
  const settled = started
    .catch(() => {})
    .then(() => {
      starting = false;
    });
  for (let last = false; !last; ) {
    last = !starting;
    await removeContainers(client, dataDir);
    await Promise.race([settled, delay(POLL_MS)]);
  }
}

async function removeContainers({ container: containers }: DockerClient, dataDir: string): Promise<void> {
  const filters = { label: [`${LABEL}=${dataDir}`] };
  for (const { Id } of await containers.dockerode.listContainers({ all: true, filters })) {
    const container = containers.getById(Id);
    await containers.stop(container, { timeout: STOP_WITHIN_MS });
    await containers.remove(container, { removeVolumes: true });
  }
}
