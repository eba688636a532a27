import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import * as z from 'zod';

export type Hindrance = 'takes_nothing' | 'slow_body';

export type MinimumRate = {
  /** It must be called every {@link lookEveryMs}. */
  look(now: number, req: IncomingMessage | undefined): Hindrance | undefined;
};

const LEAST_BYTES_PER_SECOND = 50;
/** The window is long enough for a short loss of signal. */
const MEASURED_OVER_MS = 10_000;
const LOOKS_IN_ALL = 12;
const LONGEST_LOOK_MS = 1_000;

/** Node does not document these fields; a test checks them. */
const handle = z.object({ bytesWritten: z.int(), writeQueueSize: z.int() });

/** Returns the interval of {@link MinimumRate.look} in milliseconds. */
export const lookEveryMs = (withinMs: number): number => Math.min(LONGEST_LOOK_MS, withinMs / LOOKS_IN_ALL);

/** Measures a caller's rate; `withinMs` limits the arrival of a request, and the time without progress. */
export function createMinimumRate(socket: Socket, withinMs: number): MinimumRate {
  const measuredOverMs = Math.min(MEASURED_OVER_MS, withinMs / 3);
  let taken: { bytes: number; at: number } | undefined;
  let sent: { req: IncomingMessage; bytes: number; at: number } | undefined;

  const takesNothing = (now: number): boolean => {
    const bytes = socket.writableLength === 0 ? undefined : takenOf(socket);
    if (bytes === undefined) taken = undefined;
    else if (bytes !== taken?.bytes) taken = { bytes, at: now };
    return taken !== undefined && now - taken.at >= withinMs;
  };
  const sendsTooLittle = (now: number, req: IncomingMessage | undefined): boolean => {
    // The caller cannot send while nothing is read.
    if (!req || req.complete || socket.isPaused()) sent = undefined;
    else if (sent?.req !== req) sent = { req, bytes: socket.bytesRead, at: now };
    else if (now - sent.at >= measuredOverMs) {
      const bytes = socket.bytesRead - sent.bytes;
      if (bytes < ((now - sent.at) / 1_000) * LEAST_BYTES_PER_SECOND) return true;
      sent = { req, bytes: socket.bytesRead, at: now };
    }
    return false;
  };
  return {
    look(now, req) {
      if (takesNothing(now)) return 'takes_nothing';
      return sendsTooLittle(now, req) ? 'slow_body' : undefined;
    },
  };
}

function takenOf(socket: Socket): number {
  const { success, data } = handle.safeParse(Reflect.get(socket, '_handle'));
  return success ? data.bytesWritten - data.writeQueueSize : socket.bytesWritten - socket.writableLength;
}
