import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestbed, type Testbed } from '../../../../../tests/support/testbed.ts';
import { connectTo, recordingLog } from '../../../test/event-kit.ts';
import type { Broker } from '../broker/broker.ts';
import { createStatusGatherer } from './status-gatherer.ts';
import { createStatusResponder, newStatusId } from './status-responder.ts';

let bed: Testbed;
let namespaces = 0;
const { log, lines } = recordingLog();
const SERVICES = ['gateway', 'items'];

beforeAll(async () => {
  bed = await startTestbed();
});
afterAll(() => bed.stop());

/** A gateway and a broker's connection of items, in a namespace of their own. */
async function start() {
  namespaces += 1;
  const namespace = `status_${namespaces}`;
  const [gateway, items] = await Promise.all(
    [1, 2].map(async () => (await connectTo(bed.env.NATS_URL ?? '', log, namespace)).broker),
  );
  if (!gateway || !items) throw new Error('no connection');
  onTestFinished(async () => {
    await Promise.all([gateway.close(), items.close()]);
  });
  const own = createStatusResponder('gateway', gateway, log);
  own.ready(async () => ({ problems: [], notes: [] }));
  const { gather } = createStatusGatherer({ broker: gateway, services: SERVICES, own, self: 'gateway', log });
  await gateway.nc.flush();
  return { gather, items };
}

async function respondAs(service: string, broker: Broker) {
  const responder = createStatusResponder(service, broker, log);
  await broker.nc.flush();
  return responder;
}

const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 });

test('given a service that is still starting, then it answers with what it waits for', async () => {
  const { gather, items } = await start();
  await respondAs('items', items);
  const { reports, silentServices } = await gather();
  expect(silentServices).toEqual([]);
  expect(reports.find(({ service }) => service === 'items')?.problems[0]).toBe('starting');
});

test('given a part that never comes, then the report names it and has the others', async () => {
  const { gather, items } = await start();
  const responder = await respondAs('items', items);
  responder.add('documents', () => new Promise(() => undefined));
  responder.add('emails', () => Promise.reject(new Error('mongodb://root:secret@database/ is away')));
  responder.add('outbox', async () => ({ waiting: 0, oldest_age_seconds: null }));
  responder.ready(() => Promise.reject(new Error('mongodb://root:secret@database/ is away')));
  const { reports } = await gather();
  const report = reports.find(({ service }) => service === 'items');
  expect(report).toMatchObject({
    problems: ['the health check failed'],
    parts: { outbox: { waiting: 0, oldest_age_seconds: null } },
  });
  expect(report?.unread.toSorted()).toEqual(['documents', 'emails']);
  expect(JSON.stringify(reports)).not.toContain('secret');
});

test('given a service that is silent and then answers again, then it is named and then awaited', async () => {
  const { gather, items } = await start();
  const silent = async () => (await gather()).silentServices;
  await poll(silent).toEqual(['items']);
  const responder = await respondAs('items', items);
  await poll(silent).toEqual([]);
  responder.leave();
  await poll(silent).toEqual(['items']);
  expect((await gather()).silentReplicas).toEqual([]);
});

test('given answers that are none, or of services that nobody knows, then they are ignored and logged', async () => {
  const { gather, items } = await start();
  const { nc, names } = items;
  nc.subscribe(names.statusAsk, {
    callback(_err, message) {
      const replica = newStatusId();
      const report = {
        kind: 'report',
        ask: message.string(),
        replica,
        version: '1',
        problems: [],
        notes: [],
      };
      const whole = { ...report, started_at: new Date().toISOString(), parts: {}, unread: [] };
      nc.publish(names.statusAnswer('items'), 'no JSON');
      nc.publish(names.statusAnswer('items'), JSON.stringify({ ...whole, problems: ['x'.repeat(1_000)] }));
      nc.publish(names.statusAnswer('items'), JSON.stringify({ ...whole, ask: newStatusId().slice(1) }));
      nc.publish(names.statusAnswer('nobody'), JSON.stringify(whole));
    },
  });
  await nc.flush();
  const { reports, silentServices } = await gather();
  expect(reports.map(({ service }) => service)).toEqual(['gateway']);
  expect(silentServices).toEqual(['items']);
  expect(lines().filter(({ msg }) => msg === 'a status cannot be read').length).toBeGreaterThanOrEqual(2);
});

test('given a farewell in the name of another service, then the replica is still known', async () => {
  const { gather, items } = await start();
  const responder = await respondAs('items', items);
  await poll(async () => (await gather()).silentServices).toEqual([]);
  const { replica } = await responder.report(newStatusId());
  const { nc, names } = items;
  const farewell = JSON.stringify({ kind: 'farewell', replica });
  nc.publish(names.statusAnswer('gateway'), farewell);
  // It goes without a word, as a process that is killed.
  await nc.drain();
  await poll(async () => (await gather()).silentReplicas.map((it) => it.replica)).toEqual([replica]);
});
