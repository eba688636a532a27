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
  of(userId: string): Iterable<OpenStream>;
  size(): number;
};

export type StreamLimits = { perUser: number; all: number };

export function createOpenStreams(
  limits: StreamLimits,
  count: { sent(): void; cutOff(): void },
): OpenStreams {
  const all = new Set<OpenStream>();
  const superusers = new Set<OpenStream>();
  const byUser = new Map<string, Set<OpenStream>>();

  const send = (stream: OpenStream, event: LiveEvent): void => {
    if (!stream.isLive) return;
    if (stream.send(event)) count.sent();
    else count.cutOff();
  };

  return {
    [Symbol.iterator]: () => all[Symbol.iterator](),
    admit({ userId }) {
      if ((byUser.get(userId)?.size ?? 0) >= limits.perUser) throw tooManyRequests();
      if (all.size >= limits.all) throw unavailable();
    },
    add(stream) {
      const { userId, isSuperuser } = stream.caller;
      all.add(stream);
      if (isSuperuser) superusers.add(stream);
      const others = byUser.get(userId);
      if (others) others.add(stream);
      else byUser.set(userId, new Set([stream]));
    },
    remove(stream) {
      if (!all.delete(stream)) return;
      superusers.delete(stream);
      const { userId } = stream.caller;
      const others = byUser.get(userId);
      others?.delete(stream);
      if (others?.size === 0) byUser.delete(userId);
    },
    publish(event) {
      for (const stream of byUser.get(event.userId) ?? []) {
        if (!stream.caller.isSuperuser) send(stream, event);
      }
      for (const stream of superusers) send(stream, event);
    },
    of: (userId) => byUser.get(userId) ?? [],
    size: () => all.size,
  };
}
