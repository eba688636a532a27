import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Reads from a caller, and passes what was read on to Node’s parser. */
export type Reading = {
  /** Stops looking for further requests, also in what was read already. */
  hold(): void;
  goOn(): void;
  /** Reads and discards what the caller still sends. */
  forget(): void;
  /** Hides the end of the caller’s side from Node, which would end the connection. */
  hideEnd(): void;
};

/** About 90 small requests; each takes 1.5 kB once it is parsed. */
const SLICE_BYTES = 4_096;

/**
 * Node parses all that was read, up to 64 kB and 3,600 requests, before the first can be answered. So its parser gets
 * slices, and the next one only when it is wanted.
 * @param options.latest the request that was parsed last
 * @param options.onEnd called when the caller has ended its side and everything was parsed
 */
export function createReading(
  socket: Socket,
  { latest, onEnd }: { latest: () => IncomingMessage | undefined; onEnd: () => void },
): Reading {
  const parse = takeListeners(socket, 'data');
  let end = takeListeners(socket, 'end');
  let rest: Buffer | undefined;
  let isHeld = false;
  let isForgetting = false;
  let ended: 'no' | 'yes' | 'passed on' = 'no';

  let body: { of: IncomingMessage; left: number } | undefined;

  /** The rest of a body is one slice: no other request is in it. */
  const nextSlice = (bytes: Buffer): Buffer => {
    const req = latest();
    if (!req || req.complete) return bytes.subarray(0, SLICE_BYTES);
    // A part of the body may have come with the headers.
    if (body?.of !== req)
      body = { of: req, left: (Number(req.headers['content-length']) || 0) - SLICE_BYTES };
    const slice = bytes.subarray(0, Math.max(SLICE_BYTES, body.left));
    body.left -= slice.length;
    return slice;
  };
  const look = (): void => {
    while (rest && !isHeld && !socket.destroyed && !isPausedByNode(socket)) {
      const slice = nextSlice(rest);
      rest = rest.length > slice.length ? rest.subarray(slice.length) : undefined;
      parse(slice);
    }
    if (socket.destroyed) rest = undefined;
    // Node resumes it after each request that it finds.
    if (isHeld || rest) socket.pause();
    if (ended !== 'yes' || isHeld || rest) return;
    ended = 'passed on';
    end();
    onEnd();
  };
  socket.on('data', (chunk: Buffer) => {
    if (isForgetting) return;
    rest = rest ? Buffer.concat([rest, chunk]) : chunk;
    look();
  });
  socket.on('resume', look);
  socket.on('end', () => {
    ended = 'yes';
    look();
  });
  return {
    hold() {
      isHeld = true;
      socket.pause();
    },
    goOn() {
      if (!isHeld) return;
      isHeld = false;
      socket.resume();
    },
    forget() {
      isForgetting = true;
      rest = undefined;
      isHeld = false;
      socket.resume();
    },
    hideEnd() {
      end = () => undefined;
    },
  };
}

/** Node’s own pauses are not documented; parsing meanwhile is an error. */
const isPausedByNode = (socket: Socket): boolean =>
  socket.isPaused() || Reflect.get(socket, '_paused') === true;

/** Removes Node’s own listeners from the socket. */
function takeListeners(socket: Socket, event: 'data' | 'end'): (...args: unknown[]) => void {
  const listeners = socket.listeners(event);
  socket.removeAllListeners(event);
  return (...args) => {
    for (const listener of listeners) listener.apply(socket, args);
  };
}

const LOOK_EVERY_MS = 1_000;
const ASK_FIRST_AT = 3;
const ASK_AGAIN_AFTER = 10;

/** Checks that a caller from whom nothing is read is still there, until stopped or closed. */
export type Presence = { start(): void; stop(): void };

/**
 * A silent caller that waits and one that has gone look the same in TCP until something is sent. So a caller that waits
 * long gets a 102 Processing; the system of one that has gone answers with a reset.
 * @param current the answer in progress
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
    // Nothing is read, so only a write detects a reset; an empty one is enough.
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
