import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Desk, spansAt, startDesk } from '../../../../tests/support/collector.ts';
import { startTestbed, type Testbed } from '../../../../tests/support/testbed.ts';
import { documentWith, itemEvent, recordingLog, stored } from '../../test/event-kit.ts';
import { brokerAddress } from '../config/fields.ts';
import { startOpenTelemetry } from '../telemetry/open-telemetry.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { type Broker, connectBroker } from './broker/broker.ts';
import { ensureTopology } from './broker/topology.ts';
import { runConsumer } from './consumer/consumer.ts';
import type { Delivery } from './consumer/event-handler.ts';
import { createRelay } from './outbox/relay.ts';

/** What was stored with one trace, and is published and consumed much later, goes on with it. */

const stored_with = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const { log } = recordingLog();
let bed: Testbed;
let collector: Desk;
let tracing: Tracing;
let traced: Broker;

beforeAll(async () => {
  bed = await startTestbed();
  collector = await startDesk();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  tracing = startOpenTelemetry('items', '1', { sampler: 'always_on', ratio: 1, everyMs: 20 }, log);
  const { signal } = new AbortController();
  const address = brokerAddress.parse(bed.env.NATS_URL);
  traced = await connectBroker({ ...address, namespace: 'traced', name: 'test', log, signal, tracing });
  await ensureTopology(traced, 3_600);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await traced.close();
  await tracing.stop();
  await collector.stop();
  await bed.stop();
});

const named = (name: string) => spansAt(collector).filter((span) => span.name === name);

test('given an event with a trace, when the second attempt handles it, then all spans belong to one trace', async () => {
  const deliveries: Delivery[] = [];
  const consumer = await runConsumer({
    broker: traced,
    name: 'items',
    handlers: {
      'item.created': async (_event, delivery) => {
        deliveries.push(delivery);
        if (deliveries.length === 1) throw new RangeError('secret words');
        return undefined;
      },
    },
    retry: { attempts: 3, firstDelayMs: 20, longestDelayMs: 20 },
    log,
  });
  const collection = bed.database.db.collection<ReturnType<typeof documentWith>>('traced_things');
  const relay = createRelay({ collection, broker: traced, log });
  expect(await relay.publish(documentWith(itemEvent(0, stored_with)))).toBe(true);
  await expect.poll(() => named('process item.created')).toHaveLength(2);
  // Its acknowledgement may come after the event itself was handled.
  await expect.poll(() => named('publish item.created')).toHaveLength(1);
  await consumer.stop();
  await relay.flush();

  const [published] = named('publish item.created');
  const [first, second] = named('process item.created');
  expect(published).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16), kind: 4 });
  const [message] = await stored(traced);
  expect(message?.traceparent).toBe(`00-${published?.traceId}-${published?.spanId}-01`);
  const child = { traceId: 'a'.repeat(32), parentSpanId: published?.spanId, kind: 5 };
  expect(first).toMatchObject({ ...child, status: { code: 2 } });
  expect(first?.attributes).toMatchObject({ 'quartet.attempt': 1, 'error.type': 'RangeError' });
  expect(second).toMatchObject({ ...child, attributes: expect.objectContaining({ 'quartet.attempt': 2 }) });
  // What a handler causes goes on from its own attempt.
  expect(deliveries.map(({ traceparent }) => traceparent)).toEqual(
    [first, second].map((span) => `00-${span?.traceId}-${span?.spanId}-01`),
  );
  expect(JSON.stringify(collector.received)).not.toContain('secret words');
});
