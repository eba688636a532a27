import { setTimeout as delay } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, createInbox, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import type { Log } from '../../process/logging.ts';
import { waitFor } from '../../process/wait-for.ts';
import { noTracing, type Tracing } from '../../telemetry/tracing.ts';
import type { BrokerAddress } from './broker-address.ts';
import { type BrokerNames, namesIn } from './names.ts';
import { createStreamIdentities, type StreamIdentities } from './stream-identity.ts';

export type Broker = {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  kvm: Kvm;
  names: BrokerNames;
  looks: StreamIdentities;
  /** Only this process may receive messages on the new subject. */
  newInbox(): string;
  tracing: Tracing;
  isConnected(): boolean;
  /** In milliseconds since the epoch; undefined while connected. */
  awaySince(): number | undefined;
  onReconnect(callback: () => void): void;
  close(): Promise<void>;
};

/** The oldest NATS server with per-key TTL and a reason for term(). */
const OLDEST_SERVER: [number, number] = [2, 11];
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_WAIT_MS = 250;
/** A frozen broker closes no connection, so two missed pings count as a loss. */
const PING_EVERY_MS = 5_000;
const DRAIN_WITHIN_MS = 2_000;

/** Connects to the broker and waits for it. @throws when the server is too old, or the signal aborts first */
export async function connectBroker(
  options: BrokerAddress & {
    namespace?: string | undefined;
    name: string;
    log: Log;
    signal: AbortSignal;
    tracing?: Tracing | undefined;
  },
): Promise<Broker> {
  const { namespace, name, log, signal } = options;
  const names = namesIn(namespace);
  // The error of a refused connection names host and port, never the password.
  const open = () => openConnection(options, name, names.inbox(name));
  const nc = await waitFor('the broker', open, log, signal);
  await refuseOldServer(nc);
  const reconnected: (() => void)[] = [];
  let lostAt: number | undefined;
  let closing = false;
  const closed = new AbortController();
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') {
        lostAt ??= Date.now();
        log.warn({ server: status.server }, 'broker connection lost: events wait, revocations come late');
      } else if (status.type === 'reconnect') {
        const away_seconds = Math.round((Date.now() - (lostAt ?? Date.now())) / 1000);
        lostAt = undefined;
        log.info({ server: status.server, away_seconds }, 'broker connection is back');
        for (const callback of reconnected) callback();
      } else if (status.type === 'error') {
        logRefusal(log, status.error);
      }
    }
  })();
  // The check would need a permission that only operators have.
  const js = jetstream(nc, { timeout: 5_000, checkAPI: false });
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const isConnected = () => lostAt === undefined && !closing && !nc.isClosed();
  const looks = createStreamIdentities(jsm, isConnected, log, closed.signal);
  reconnected.push(looks.lookAtAll);
  return {
    nc,
    js,
    jsm,
    kvm: new Kvm(js),
    names,
    looks,
    newInbox: () => createInbox(names.inbox(name)),
    tracing: options.tracing ?? noTracing,
    isConnected,
    awaySince: () => lostAt,
    onReconnect: (callback) => void reconnected.push(callback),
    async close() {
      closing = true;
      closed.abort();
      // A frozen broker must not delay the end of the process.
      const waited = delay(DRAIN_WITHIN_MS, undefined, { ref: false });
      await Promise.race([nc.drain().catch(() => undefined), waited]);
      await nc.close();
    },
  };
}

const openConnection = (
  { servers, user, password }: BrokerAddress,
  name: string,
  inboxPrefix: string,
): Promise<NatsConnection> =>
  connect({
    servers,
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    name,
    inboxPrefix,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    pingInterval: PING_EVERY_MS,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    // Each request would make two errors in advance, for the case that it fails.
    noAsyncTraces: true,
  });

/** The broker does not answer a publisher without permission, so this log entry is the only sign. */
function logRefusal(log: Log, err: Error): void {
  if (err instanceof PermissionViolationError) {
    const { operation, subject } = err;
    log.error({ operation, subject }, 'the broker forbids this');
  } else {
    log.error({ err }, 'the broker refuses');
  }
}

async function refuseOldServer(nc: NatsConnection): Promise<void> {
  const [major, minor] = OLDEST_SERVER;
  const [itsMajor = 0, itsMinor = 0] = (nc.info?.version ?? '').split('.').map(Number);
  if (itsMajor > major || (itsMajor === major && itsMinor >= minor)) return;
  const version = nc.info?.version ?? 'of no known version';
  await nc.close();
  throw new Error(`NATS server ${version} is too old: ${OLDEST_SERVER.join('.')} or newer is needed`);
}
