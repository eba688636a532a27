import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Reading = {
  /** It stops looking for requests, also in bytes that were read already. */
  hold(): void;
  goOn(): void;
  forget(): void;
  /** Node would end the connection when it sees the end of the caller's side. */
  hideEnd(): void;
};

/** A slice holds about 90 small requests; each takes 1.5 kB once it is parsed. */
const SLICE_BYTES = 4_096;

/** Gives Node's parser slices: otherwise it parses up to 3,600 requests before the first can be answered. */
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

  /** The rest of a body is one slice, since no other request is in it. */
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
    // Node resumes the socket after each request that it finds.
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

/** Node does not document its own pauses; parsing during one is an error. */
const isPausedByNode = (socket: Socket): boolean =>
  socket.isPaused() || Reflect.get(socket, '_paused') === true;

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

export type Presence = { start(): void; stop(): void };

/** Finds out whether a caller has gone: TCP shows that only after a write, such as a 102 Processing. */
export function createPresence(socket: Socket, current: () => ServerResponse | undefined): Presence {
  let looking: NodeJS.Timeout | undefined;
  let waits: ServerResponse | undefined;
  let looks = 0;
  const look = (): void => {
    const res = current();
    looks = res === waits ? looks + 1 : 1;
    waits = res;
    // RFC 9110, 15.2: HTTP/1.0 has no interim answers.
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
