import { isIPv6 } from 'node:net';
import { createStackParser, createTransport, type Event, linkedErrorsIntegration, Scope } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import { reasonOf } from '../errors.ts';
import type { Log } from '../process/logging.ts';
import type { Circumstances, ErrorReports } from './error-reports.ts';
import type { ReportSettings } from './settings.ts';

const SEND_WITHIN_MS = 5_000;
const FLUSH_WITHIN_MS = 2_000;

/** Reports errors with Sentry's client alone, which collects only what `report` gets; texts are scrubbed. */
export function startSentry(
  service: string,
  version: string,
  { dsn, release, environment }: ReportSettings,
  log: Log,
): ErrorReports {
  const client = new ServerRuntimeClient({
    dsn,
    release: release ?? `quartet@${version}`,
    environment,
    platform: 'node',
    runtime: { name: 'node', version: process.version },
    stackParser: createStackParser(nodeStackLineParser()),
    integrations: [linkedErrorsIntegration()],
    dataCollection: { userInfo: false, cookies: false, httpHeaders: false, httpBodies: [] },
    sendClientReports: false,
    traceLifecycle: 'static',
    beforeSend: scrubEvent,
    transport: (options) => createTransport(options, (request) => send(options, request.body, log)),
  });
  client.init();

  return {
    report(err, level, circumstances = {}) {
      client.captureException(err, { originalException: err }, scopeOf(service, level, circumstances));
    },
    async flush() {
      await client.flush(FLUSH_WITHIN_MS);
    },
  };
}

function scopeOf(service: string, level: 'error' | 'fatal', circumstances: Circumstances): Scope {
  const { user_id, trace_id, span_id, ...tags } = circumstances;
  const scope = new Scope();
  scope.setLevel(level);
  scope.setTags({ service, ...tags, trace_id });
  if (user_id !== undefined) scope.setUser({ id: user_id });
  if (trace_id !== undefined && span_id !== undefined) scope.setContext('trace', { trace_id, span_id });
  return scope;
}

function scrubEvent<E extends Event>(event: E): E {
  for (const value of event.exception?.values ?? []) {
    if (value.value !== undefined) value.value = scrub(value.value);
  }
  if (event.message !== undefined) event.message = scrub(event.message);
  // A thrown object that is no error has its fields here.
  delete event.extra;
  return event;
}

async function send(
  { url, headers }: { url: string; headers?: Record<string, string> },
  body: string | Uint8Array,
  log: Log,
) {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-sentry-envelope', ...headers },
      body: typeof body === 'string' ? body : Buffer.from(body),
      signal: AbortSignal.timeout(SEND_WITHIN_MS),
    });
    await answer.body?.cancel();
    return {
      statusCode: answer.status,
      headers: {
        'x-sentry-rate-limits': answer.headers.get('x-sentry-rate-limits'),
        'retry-after': answer.headers.get('retry-after'),
      },
    };
  } catch (err) {
    log.warn({ reason: reasonOf(err) }, 'an error could not be reported');
    return {};
  }
}

const LONGEST_TEXT = 2_000;

/** The order matters: a login in a URL looks like an address. */
const RULES: [RegExp, string][] = [
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '[token]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [token]'],
  [/:\/\/[^\s/]+@/g, '://[login]@'],
  [/[^\s<>"'(){}[\],:;=@]+@[^\s<>"'(){}[\],:;@]+\.[^\s<>"'(){}[\],:;@.]+/g, '[address]'],
  [
    /\b(password|token|secret|authorization|cookie)(["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}&]+(?: \[token\])?)/gi,
    '$1$2[secret]',
  ],
  [/\b\d{1,3}(\.\d{1,3}){3}\b/g, '[ip]'],
];

/** Removes addresses, tokens, logins and passwords, which errors may quote, and cuts a long text. */
export function scrub(text: string): string {
  // Half an address would not be recognised.
  const short = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT).replace(/\S*$/, '') : text;
  const cleaned = RULES.reduce((so, [pattern, instead]) => so.replace(pattern, instead), short);
  return cleaned.replace(/[0-9a-f]*:[0-9a-f:]+/gi, (it) => (isIPv6(it) ? '[ip]' : it));
}
