import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Log } from '../process/logging.ts';
import { type ErrorReports, noReports } from './error-reports.ts';
import type { TelemetrySettings } from './settings.ts';
import { noTracing, type Tracing } from './tracing.ts';

export type Telemetry = { tracing: Tracing; reports: ErrorReports };

export const noTelemetry: Telemetry = { tracing: noTracing, reports: noReports };

const manifest = z.object({ version: z.string() });

/** Starts what is configured and loads nothing else: OpenTelemetry takes 7 MB, Sentry's client 16 MB. */
export async function startTelemetry(
  service: string,
  { traces, reports }: TelemetrySettings,
  log: Log,
): Promise<Telemetry> {
  if (!traces && !reports) return noTelemetry;
  const file = new URL('../../package.json', import.meta.url);
  const { version } = manifest.parse(JSON.parse(await readFile(file, 'utf8')));
  const startTraces = async (settings: NonNullable<typeof traces>) =>
    (await import('./open-telemetry.ts')).startOpenTelemetry(service, version, settings, log);
  const startReports = async (settings: NonNullable<typeof reports>) =>
    (await import('./sentry.ts')).startSentry(service, version, settings, log);
  return {
    tracing: traces ? await startTraces(traces) : noTracing,
    reports: reports ? await startReports(reports) : noReports,
  };
}
