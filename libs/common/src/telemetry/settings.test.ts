import { expect, test } from 'vitest';
import * as z from 'zod';
import { readConfig } from '../config/config.ts';
import { telemetryFields, telemetrySettings } from './settings.ts';

const schema = z.object({ ...telemetryFields, ENVIRONMENT: z.string() });
const read = (env: Record<string, string | undefined>) =>
  telemetrySettings(readConfig(schema, { ENVIRONMENT: 'staging', ...env }));

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' },
  { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
])('given %j, then traces are off', (env) => {
  expect(read(env).traces).toBeUndefined();
});

test.each([ENDPOINT, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }])(
  'given %j, then all traces are kept, unless the caller’s is not sampled',
  (env) => {
    expect(read(env).traces).toEqual({ sampler: 'parentbased_always_on', ratio: 1, everyMs: 5_000 });
  },
);

test('given a sampler and its share, then the settings have them', () => {
  const env = {
    ...ENDPOINT,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
  };
  expect(read(env).traces).toMatchObject({ sampler: 'parentbased_traceidratio', ratio: 0.1 });
});

test('given a DSN, then the settings have it and the environment', () => {
  const dsn = 'https://key@o1.ingest.sentry.io/42';
  expect(read({ SENTRY_DSN: dsn, SENTRY_RELEASE: 'r7' }).reports).toEqual({
    dsn,
    release: 'r7',
    environment: 'staging',
  });
});

test.each([
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '2.5'],
  ['SENTRY_DSN', 'https://sentry.example'],
])('given the %s %j, then the start is refused and the value is not shown', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(name);
  expect(() => read({ [name]: value })).not.toThrow(value);
});
