import { tooManyRequests, unavailable } from '@quartet/common/errors.ts';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import type { LiveEvent } from './live-event.ts';
import type { OpenStream } from './open-stream.ts';

/** All streams of this process, and who gets which event. */
export type OpenStreams = Iterable<OpenStream> & {
  /** @throws {AppError} 429 when the user has as many as allowed; 503 when the process has */
  admit(caller: Caller): void;
  add(stream: OpenStream): void;
  remove(stream: OpenStream): void;
  publish(event: LiveEvent): void;
  /** The streams of a user or of a session. */
  of(userOrSessionId: string): Iterable<OpenStream>;
  size(): number;
};

export type StreamLimits = { perUser: number; all: number };

export function createOpenStreams(
  limits: StreamLimits,
  count: { sent(): void; cutOff(): void },
): OpenStreams {
  const all = new Set<OpenStream>();
  const superusers = new Set<OpenStream>();
  /** By user and by session: their ids differ in form. */
  const byId = new Map<string, Set<OpenStream>>();

  const put = (id: string, stream: OpenStream): void => {
    const known = byId.get(id);
    if (known) known.add(stream);
    else byId.set(id, new Set([stream]));
  };
  const drop = (id: string, stream: OpenStream): void => {
    const known = byId.get(id);
    known?.delete(stream);
    if (known?.size === 0) byId.delete(id);
  };
  const send = (stream: OpenStream, event: LiveEvent): void => {
    if (!stream.isLive) return;
    if (stream.send(event)) count.sent();
    else count.cutOff();
  };

  return {
    [Symbol.iterator]: () => all[Symbol.iterator](),
    admit({ userId }) {
      if ((byId.get(userId)?.size ?? 0) >= limits.perUser) throw tooManyRequests();
      if (all.size >= limits.all) throw unavailable();
    },
    add(stream) {
      const { userId, sessionId, isSuperuser } = stream.caller;
      all.add(stream);
      put(userId, stream);
      put(sessionId, stream);
      if (isSuperuser) superusers.add(stream);
    },
    remove(stream) {
      if (!all.delete(stream)) return;
      superusers.delete(stream);
      drop(stream.caller.userId, stream);
      drop(stream.caller.sessionId, stream);
    },
    publish(event) {
      for (const stream of byId.get(event.userId) ?? []) {
        if (!stream.caller.isSuperuser) send(stream, event);
      }
      for (const stream of superusers) send(stream, event);
    },
    of: (id) => byId.get(id) ?? [],
    size: () => all.size,
  };
}
