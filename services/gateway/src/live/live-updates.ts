import type { ServerResponse } from 'node:http';
import { AppError } from '@quartet/common/errors.ts';
import { eventStreamExtent, followEvents } from '@quartet/common/events/live/event-tail.ts';
import { readEvents } from '@quartet/common/events/live/read-events.ts';
import { sendHead } from '@quartet/common/http/send.ts';
import type { BrokerParts } from '@quartet/common/service/parts.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import type { RevocationChange } from '@quartet/common/tokens/revocations.ts';
import { catchUp } from './catch-up.ts';
import { type EndReason, endFrame, openingFrame } from './frames.ts';
import { createLiveMetrics } from './live-metrics.ts';
import { type InHand, OpenStream } from './open-stream.ts';
import { createOpenStreams, type StreamLimits } from './open-streams.ts';
import { createPastEvents } from './past-events.ts';
import { createRecentEvents, type RecentLimits } from './recent-events.ts';
import { type Resume, resumeAt } from './resume.ts';
import { startRounds } from './rounds.ts';
import { createTail } from './tail.ts';

export type LiveSettings = StreamLimits & {
  inHand?: InHand;
  recent?: RecentLimits;
  heartbeatMs?: number;
  now?: () => number;
};

export type LiveUpdates = {
  /** Finds out where a reader continues who has seen the event `lastEventId`. */
  resume(lastEventId: number | undefined): Promise<Resume>;
  /** Answers a request with a stream. @throws {AppError} 429 or 503 at a limit */
  begin(res: ServerResponse, caller: Caller, resume: Resume): void;
  revocationsChanged(what: RevocationChange): void;
  /** Ends all streams, evenly over `withinMs`, so that their readers do not all come back at once. */
  drain(withinMs: number): Promise<void>;
};

/** Half of what the broker keeps in flight for a connection. */
const IN_HAND: InHand = { events: 1_000, bytes: 1_000_000 };
/** The last minute at 80 events/s; about 4 MB. */
const RECENT: RecentLimits = { events: 5_000, bytes: 8_000_000 };

/** nginx collects an answer otherwise. */
const NO_BUFFERING = ['X-Accel-Buffering', 'no'];

/** Follows the events, and resolves when the recent ones are in memory. */
export async function startLiveUpdates(
  { broker, metrics, log, signal }: BrokerParts,
  recheck: (caller: Caller) => Caller,
  settings: LiveSettings,
): Promise<LiveUpdates> {
  const { inHand = IN_HAND, recent: kept = RECENT, heartbeatMs, now = Date.now } = settings;
  const count = createLiveMetrics(metrics, () => streams.size());
  const streams = createOpenStreams(settings, count);
  const recent = createRecentEvents(kept);
  const past = createPastEvents((first, last) => readEvents(broker, first, last));
  const tail = createTail(recent, kept.events, {
    event: streams.publish,
    reset(reason, isFor) {
      for (const stream of streams) if (isFor(stream.position)) stream.reset(recent.head(), reason);
    },
  });
  let isDraining = false;
  await followEvents(broker, tail, log, signal);

  const end = (stream: OpenStream, reason: EndReason): void => {
    stream.end(reason);
    streams.remove(stream);
  };
  const recheckStream = (stream: OpenStream): void => {
    const reason = endReason(stream.caller, recheck);
    if (reason) end(stream, reason);
  };
  const rounds = startRounds(streams, {
    heartbeatMs,
    signal,
    each(stream) {
      if (stream.caller.expiresAt * 1000 <= now()) end(stream, 'token-expired');
    },
    heartbeat(stream) {
      if (stream.isLive) stream.position = Math.max(stream.position, recent.head());
      stream.heartbeat();
    },
  });

  return {
    resume: (lastEventId) =>
      resumeAt(
        lastEventId,
        () => ({ first: tail.first(), head: recent.head() }),
        async () => (await eventStreamExtent(broker)).last,
      ),
    begin(res, caller, { from, reset }) {
      if (!isDraining) streams.admit(caller);
      sendHead(res, 200, 'text/event-stream', NO_BUFFERING);
      if (res.req.method === 'HEAD') return void res.end();
      // A refusal would keep a browser from coming back.
      if (isDraining) return void res.end(endFrame('draining'));
      forgetRequest(res);
      const stream = new OpenStream(res, caller, from, inHand);
      streams.add(stream);
      res.on('close', () => streams.remove(stream));
      // A reader that ends its side has gone: it has nothing more to say.
      res.req.socket.on('end', () => res.end());
      res.write(openingFrame(from));
      if (reset) stream.reset(from, reset);
      // The session may have ended since its token was checked.
      recheckStream(stream);
      void catchUp(stream, { recent, past }, count).then((source) => count.resumed(reset ? 'reset' : source));
    },
    revocationsChanged(what) {
      for (const stream of 'userId' in what ? streams.of(what.userId) : streams) {
        // An index of sessions would cost each stream more than this costs a logout.
        const isOther = 'sessionId' in what && what.sessionId !== stream.caller.sessionId;
        if (!isOther) recheckStream(stream);
      }
    },
    async drain(withinMs) {
      isDraining = true;
      await rounds.spread(withinMs, (stream) => end(stream, 'draining'));
    },
  };
}

/** A stream lives for hours, and nobody asks for its request's headers any more: they would be a kilobyte. */
function forgetRequest({ req }: ServerResponse): void {
  req.headers = {};
  req.rawHeaders = [];
}

/** Why a caller may no longer read a stream; a new role changes what it shows, so that it ends too. */
function endReason(caller: Caller, recheck: (caller: Caller) => Caller): EndReason | undefined {
  try {
    return recheck(caller).isSuperuser === caller.isSuperuser ? undefined : 'role-changed';
  } catch (err) {
    if (!(err instanceof AppError)) throw err;
    return REASONS[err.fault] ?? 'session-ended';
  }
}

const REASONS: Partial<Record<AppError['fault'], EndReason>> = {
  'not-found': 'user-deleted',
  'bad-request': 'user-deactivated',
};
