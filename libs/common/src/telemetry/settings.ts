import * as z from 'zod';

const samplers = z.enum([
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
]);

/**
 * What is read for traces and error reports. The names are OpenTelemetry's and Sentry's own; where traces are sent to and
 * with which headers is read by the exporter itself.
 */
export const telemetryFields = {
  OTEL_SDK_DISABLED: z.stringbool().default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_TRACES_SAMPLER: samplers.default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number({ error: 'must be a number' }).min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(1)
    .max(60_000)
    .default(5_000),
  SENTRY_DSN: z
    .string()
    .regex(/^https?:\/\/[^@/]+@[^@/]+(\/[^@/]*)*\/\d+$/, 'must be a DSN, as in https://key@host/1')
    .optional(),
  SENTRY_RELEASE: z.string().optional(),
};

type TelemetryEnv = z.output<z.ZodObject<typeof telemetryFields>> & { ENVIRONMENT: string };

/** How traces are made and how often they are sent. */
export type TracingSettings = { sampler: z.output<typeof samplers>; ratio: number; everyMs: number };

/** Where errors are reported to, and from where. */
export type ReportSettings = { dsn: string; release: string | undefined; environment: string };

/** What of it is wanted; undefined means off. */
export type TelemetrySettings = {
  traces?: TracingSettings | undefined;
  reports?: ReportSettings | undefined;
};

/** What {@link telemetryFields} amount to. */
export function telemetrySettings(env: TelemetryEnv): TelemetrySettings {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOff = env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === 'none' || endpoint === undefined;
  return {
    traces: isOff
      ? undefined
      : {
          sampler: env.OTEL_TRACES_SAMPLER,
          ratio: env.OTEL_TRACES_SAMPLER_ARG,
          everyMs: env.OTEL_BSP_SCHEDULE_DELAY,
        },
    reports:
      env.SENTRY_DSN === undefined
        ? undefined
        : { dsn: env.SENTRY_DSN, release: env.SENTRY_RELEASE, environment: env.ENVIRONMENT },
  };
}
