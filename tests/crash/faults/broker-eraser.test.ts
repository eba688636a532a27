import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy } from '@nats-io/jetstream';
import { type Broker, connectBroker } from '@quartet/common/events/broker/broker.ts';
import { ensureTopology } from '@quartet/common/events/broker/topology.ts';
import { createEvent } from '@quartet/common/events/envelope.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, startBroker } from '../../../tools/engines/index.ts';
import { dataPaths } from '../../../tools/stack/data-folder.ts';
import { processIdentity } from '../../../tools/stack/process-identity.ts';
import { canKillBroker } from '../../support/own-broker.ts';
import { readPast } from '../observing/broker-history.ts';
import { readKept } from '../observing/kept.ts';
import { createBrokerEraser } from './broker-eraser.ts';
import { findProcesses } from './processes.ts';

const NAMESPACE = 'eraser';
const HANDLED = 20;
const ITEM = '89abcdef0123456789abcdef';

async function startStackBroker() {
  const dataDir = await mkdtemp(join(tmpdir(), 'quartet-test-eraser-'));
  const { broker: folder, state } = dataPaths(dataDir);
  const port = await freePort();
  const start = async () => {
    const engine = await startBroker({ dataDir: folder, port, env: { ...process.env, NATS_URL: '' } });
    const { pid = 0 } = engine;
    const child = { name: 'broker', pid, identity: processIdentity(pid), phase: 'broker' };
    await writeFile(state, JSON.stringify({ children: [child] }));
    return engine;
  };
  let engine = await start();
  const broker = await connectBroker({
    ...{ servers: [engine.url], namespace: NAMESPACE, name: 'test' },
    log: createLog('test', 'silent'),
    signal: AbortSignal.timeout(10_000),
  });
  onTestFinished(async () => {
    await broker.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  const restart = async () => {
    await engine.stop();
    engine = await start();
  };
  return { broker, dataDir, restart };
}

/** Publishes events until it is stopped; returns the ids that the broker acknowledged. */
function keepPublishing({ js, names }: Broker) {
  const acknowledged: string[] = [];
  let isOver = false;
  const publishing = async () => {
    while (!isOver) {
      const event = createEvent('item.created', ITEM, { item_id: ITEM, owner_id: ITEM }, new Date());
      const subject = names.event(event.type);
      const sent = await js
        .publish(subject, JSON.stringify(event), { msgID: event.id })
        .catch(() => undefined);
      if (sent) acknowledged.push(event.id);
    }
  };
  const all = Promise.all(Array.from({ length: 4 }, publishing));
  return {
    acknowledged,
    async stop() {
      isOver = true;
      await all;
    },
  };
}

async function handleSome({ js, jsm, names }: Broker): Promise<string[]> {
  const { eventStream } = names;
  await jsm.consumers.add(eventStream, { durable_name: 'notifier', ack_policy: AckPolicy.Explicit });
  const consumer = await js.consumers.get(eventStream, 'notifier');
  const handled: string[] = [];
  for await (const message of await consumer.fetch({ max_messages: HANDLED, expires: 10_000 })) {
    await message.ackAck();
    handled.push(message.json<{ id: string }>().id);
  }
  return handled;
}

test.skipIf(!canKillBroker).each(['EVENTS', 'everything'] as const)(
  'given the broker loses %s under load, then every event that it acknowledged is known, and whether it was handled',
  async (what) => {
    const { broker, dataDir, restart } = await startStackBroker();
    await ensureTopology(broker, 3600);
    const processes = findProcesses(dataDir);
    const { signal } = new AbortController();
    const eraser = createBrokerEraser({ broker, namespace: NAMESPACE, processes, dataDir, signal });
    const before = keepPublishing(broker);
    const handled = await handleSome(broker);
    expect(handled).toHaveLength(HANDLED);
    await expect.poll(() => before.acknowledged.length).toBeGreaterThan(2 * HANDLED);

    expect(await eraser.erase(what)).toBeLessThanOrEqual(Date.now());
    if (what === 'everything') await restart();
    await before.stop();
    await expect
      .poll(() =>
        ensureTopology(broker, 3600).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const after = keepPublishing(broker);
    await expect.poll(() => after.acknowledged.length).toBeGreaterThan(HANDLED);
    await after.stop();

    const past = readPast(await eraser.erased(), await readKept(broker));
    const known = new Set((past.events.get(ITEM) ?? []).map(({ id }) => id));
    const acknowledged = [...before.acknowledged, ...after.acknowledged];
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    const unhandled = past.unhandled.get('notifier');
    expect(handled.filter((id) => unhandled?.has(id))).toEqual([]);
    const neither = before.acknowledged.filter((id) => !handled.includes(id));
    expect(neither.filter((id) => !unhandled?.has(id))).toEqual([]);
    expect(after.acknowledged.filter((id) => unhandled?.has(id))).toEqual([]);
    expect(past.memories).toHaveLength(what === 'everything' ? 2 : 1);
  },
);

test('given nothing to erase, then the result is undefined', async () => {
  const { broker, dataDir } = await startStackBroker();
  const options = { broker, namespace: NAMESPACE, processes: findProcesses(dataDir), dataDir };
  const eraser = createBrokerEraser({ ...options, signal: AbortSignal.timeout(500) });
  expect(await eraser.erase('ROUTES')).toBeUndefined();
});
