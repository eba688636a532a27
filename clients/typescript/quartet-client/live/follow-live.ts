import type { Client } from '../../src/client/index.ts';
import type { Clock } from '../clock.ts';
import { isTemporary, QuartetError } from '../quartet-error.ts';
import type { Session } from '../session.ts';
import { createEventStreamParser, type Message } from './event-stream-parser.ts';
import type { EndReason, LiveOptions, LiveState } from './live-options.ts';
import { openLiveStream } from './open-live-stream.ts';

type Parts = { client: Client; session: Session; clock: Clock };
type Waiting = Extract<LiveState, { state: 'waiting' }>;
type Ended = Pick<Waiting, 'reason' | 'error'>;

const RETRY_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** After these the session cannot go on, as far as the API knows. */
const OVER: readonly Ended['reason'][] = ['session-ended', 'user-deactivated', 'user-deleted'];
const NOT_ALLOWED = [400, 401, 403, 404];

/**
 * Reads one stream after the other, each from where the one before broke off.
 *
 * @throws QuartetError when the API refuses a stream for good; what a callback throws
 */
export async function followLive(
  parts: Parts,
  { onEvent, onReset, onState, lastEventId }: LiveOptions,
  signal: AbortSignal,
): Promise<void> {
  let position = lastEventId;
  let retryMs = RETRY_MS;
  let failures = 0;

  async function handle({ id, event, data }: Message): Promise<EndReason | undefined> {
    const content = JSON.parse(data);
    if (event === 'end') return content.reason;
    if (event === 'reset') await onReset?.(content.reason, id);
    else await onEvent(content, id);
    position = id;
    return undefined;
  }

  async function readOneStream(): Promise<Ended> {
    const parser = createEventStreamParser();
    let isOpen = false;
    for await (const text of await openLiveStream(parts, position, signal)) {
      for (const message of parser.push(text)) {
        if (signal.aborted) break;
        const reason = await handle(message);
        retryMs = parser.retryMs() ?? retryMs;
        if (reason) return { reason };
      }
      if (signal.aborted || parser.lastEventId() === '') continue;
      position = parser.lastEventId();
      if (isOpen) continue;
      isOpen = true;
      failures = 0;
      onState?.({ state: 'open', lastEventId: position });
    }
    return { reason: 'lost' };
  }

  while (!signal.aborted) {
    onState?.({ state: 'connecting' });
    let ended: Ended;
    try {
      ended = await readOneStream();
      if (OVER.includes(ended.reason)) await checkSession(parts.session, signal);
    } catch (err) {
      if (signal.aborted) return;
      ended = { reason: 'lost', error: await temporary(err, parts.session, signal) };
    }
    if (signal.aborted) return;
    const forMs = Math.max(pauseMs(retryMs, failures), (ended.error?.retryAfterSeconds ?? 0) * 1_000);
    failures += 1;
    onState?.({ state: 'waiting', forMs, ...ended });
    await parts.clock.wait(forMs, signal).catch(() => undefined);
  }
}

/** Readers that were cut off together do not come back together. */
const pauseMs = (retryMs: number, failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, retryMs * 2 ** failures) * (0.5 + Math.random() / 2);

/** A refresh makes the API say whether the session goes on; if not, the client is signed out and `signal` aborted. */
async function checkSession(session: Session, signal: AbortSignal): Promise<void> {
  const tokens = await session.tokens(signal);
  if (tokens) await session.tokensAfter(tokens, signal);
}

/** Returns an error after which the same request may succeed. @throws any other */
async function temporary(err: unknown, session: Session, signal: AbortSignal): Promise<QuartetError> {
  if (!(err instanceof QuartetError)) throw err;
  if (mayPass(err)) return err;
  if (!NOT_ALLOWED.includes(err.status ?? 0)) throw err;
  try {
    await checkSession(session, signal);
  } catch (cause) {
    if (cause instanceof QuartetError && mayPass(cause)) return cause;
  }
  if (signal.aborted) return err;
  throw err;
}

/** An answer that is no event stream is one of a proxy. */
const mayPass = (err: QuartetError): boolean => isTemporary(err) || err.status === 429 || err.status === 200;
