import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What is read from a caller, and when it is looked at for requests. */
export type Reading = {
  /** No further request is looked for, in what was read already neither. */
  hold(): void;
  goOn(): void;
  /** What the caller still sends is read and forgotten: no request is looked for in it any more. */
  forget(): void;
  /** From now on Node does not hear that the caller has ended its side: it would end the connection for that. */
  hideEnd(): void;
};

/** So much is looked at at once: some 90 small requests, of which each takes 1.5 kB as soon as it is found. */
const SLICE_BYTES = 4_096;

/**
 * Node looks for requests in all that was read, 64 kB and 3,600 requests, and makes what it needs of every one before the
 * first can be answered. So it is given slices, and the next only while it is wanted.
 * @param options.latest the request that was found last
 * @param options.onEnd the caller has ended its side, and all that it sent has been looked at
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
  let ended: 'no' | 'yes' | 'told' = 'no';

  let body: { of: IncomingMessage; left: number } | undefined;

  /** The rest of a body is one slice, as far as it is certain that nothing else is in it. */
  const nextSlice = (bytes: Buffer): Buffer => {
    const req = latest();
    if (!req || req.complete) return bytes.subarray(0, SLICE_BYTES);
    // The slice in which it was found may have held so much of it.
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
    ended = 'told';
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

/** While a body is not taken, and while answers are not: that is not documented, and to look all the same is an error. */
const isPausedByNode = (socket: Socket): boolean =>
  socket.isPaused() || Reflect.get(socket, '_paused') === true;

/** Takes Node's own listeners off the socket. */
function takeListeners(socket: Socket, event: 'data' | 'end'): (...args: unknown[]) => void {
  const listeners = socket.listeners(event);
  socket.removeAllListeners(event);
  return (...args) => {
    for (const listener of listeners) listener.apply(socket, args);
  };
}

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
