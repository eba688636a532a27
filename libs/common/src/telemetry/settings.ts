import * as z from 'zod';
import { httpAddress, line, whole } from '../config/fields.ts';

const samplers = z.enum([
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
]);

const share = z
  .string()
  .regex(/^(0?\.\d+|[01](\.0*)?)$/, 'must be a number from 0 to 1')
  .transform(Number);

const httpTarget = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });

const pairs = z.string().refine((text) => text.split(',').every(isPair), {
  error: 'must read like name=value,name=value, with values in URL encoding',
});

function isPair(text: string): boolean {
  const [, value] = /^\s*[^\s=,;]+\s*=([^\p{Cc}]+)$/u.exec(text) ?? [];
  try {
    return value !== undefined && decodeURIComponent(value) !== '';
  } catch {
    return false;
  }
}

/** The exporter reads its address and headers itself; here they are only checked. */
export const telemetryFields = {
  OTEL_SDK_DISABLED: z.stringbool().default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpAddress.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpTarget.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  OTEL_TRACES_SAMPLER: samplers.default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: share.default(1),
  OTEL_BSP_SCHEDULE_DELAY: whole(5_000, 1, 60_000),
  SENTRY_DSN: z
    .string()
    .regex(/^https?:\/\/[^@/]+@[^@/]+(\/[^@/]*)*\/\d+$/, 'must be a DSN, as in https://key@host/1')
    .optional(),
  SENTRY_RELEASE: line()
    .regex(/^[^/\\]{1,200}$/, 'must be a name without slashes')
    .optional(),
};

type TelemetryEnv = z.output<z.ZodObject<typeof telemetryFields>> & { ENVIRONMENT: string };

export type TracingSettings = { sampler: z.output<typeof samplers>; ratio: number; everyMs: number };

export type ReportSettings = { dsn: string; release: string | undefined; environment: string };

/** Undefined means off. */
export type TelemetrySettings = {
  traces?: TracingSettings | undefined;
  reports?: ReportSettings | undefined;
};

/** Converts the values of {@link telemetryFields} for the code that uses them. */
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
