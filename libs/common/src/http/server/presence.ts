import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How often it is looked whether a caller is still there, and at which looks at one request it is asked. */
const LOOK_EVERY_MS = 1_000;
const ASK_FIRST_AT = 3;
const ASK_AGAIN_AFTER = 10;

/** Looks whether a caller from whom nothing is read is still there, until it is told to stop or the connection ends. */
export type Presence = { start(): void; stop(): void };

/**
 * Whether a caller who sends nothing more waits for its answers or has gone looks the same in TCP, until something
 * is sent to it: so one that waits for long gets a 102 Processing, to which the system of one that has gone answers
 * with a reset.
 * @param current what is carried out for it
 */
export function createPresence(socket: Socket, current: () => ServerResponse | undefined): Presence {
  let looking: NodeJS.Timeout | undefined;
  let waits: ServerResponse | undefined;
  let looks = 0;
  const look = (): void => {
    const res = current();
    looks = res === waits ? looks + 1 : 1;
    waits = res;
    // RFC 9110, 15.2: interim answers are not for HTTP/1.0.
    const takesInterim = res?.req.httpVersion === '1.1' && !res.headersSent;
    if (looks % ASK_AGAIN_AFTER === ASK_FIRST_AT && takesInterim) res.writeProcessing();
    // Nothing is read from it, so only a write hears of a reset; one of nothing is enough.
    else if (socket.writable) socket.write('');
  };
  const stop = (): void => {
    clearInterval(looking);
    looking = undefined;
    waits = undefined;
  };
  socket.once('close', stop);
  return {
    start() {
      looking ??= setInterval(look, LOOK_EVERY_MS);
    },
    stop,
  };
}
