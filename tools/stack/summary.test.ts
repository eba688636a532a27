import { expect, it } from 'vitest';
import { Sink } from '../../tests/support/sink.ts';
import { createOutput } from './output.ts';
import { planPorts } from './ports.ts';
import { showSummary } from './summary.ts';

it.each([true, false])(
  'given a database that asks for a login: %s, then the table says when it does not',
  (asks) => {
    const [stdout, stderr] = [new Sink(true), new Sink(true)];
    showSummary(createOutput({ stdout, stderr }, {}), {
      ...{ ports: planPorts(8000, 1), host: '127.0.0.1', env: {}, dataDir: '.data' },
      ...{ engines: ['mongod', 'nats-server'], ownEngines: {}, hasDatabaseLogin: asks, tookMs: 1 },
    });
    expect(stderr.text.includes('asks nobody for a password')).toBe(!asks);
  },
);
