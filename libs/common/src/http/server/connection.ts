import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionCount } from './connection-limits.ts';
import { createPresence, createReading } from './reading.ts';

const LINGER_MS = 2_000;

/** The requests run one after another: each begins when the answer before it is written. */
export type Connection = {
  peer: string | undefined;
  isUnused(): boolean;
  waiting(): number;
  current(): ServerResponse | undefined;
  /** It begins a request or makes it wait; a connection that takes no more requests drops it. */
  take(res: ServerResponse): void;
  /** An idle connection stays open. */
  endAfterAnswers(): void;
  /** `refusal` replaces the answer of `culprit` (default: the incomplete request), unless that has begun. */
  refuse(refusal: string, culprit?: ServerResponse): void;
  /** It discards what still arrives. */
  forget(): void;
  destroy(): void;
};

/** Runs the requests of a socket one after another, each by `serve`. */
export function createConnection(
  socket: Socket,
  {
    serve,
    connectionCount,
  }: { serve: (res: ServerResponse, connection: Connection) => void; connectionCount: ConnectionCount },
): Connection {
  const { remoteAddress: peer } = socket;
  let current: ServerResponse | undefined;
  const presence = createPresence(socket, () => current);
  let hasEnded = false;
  const reading = createReading(socket, {
    latest: () => latest?.req,
    onEnd() {
      hasEnded = true;
      presence.start();
      endAfterAnswers();
    },
  });
  const waiting: ServerResponse[] = [];
  let latest: ServerResponse | undefined;
  let takesMore = true;
  let isRefusing = false;
  let after: { allBut: ServerResponse | undefined; then: () => void } | undefined;

  const settle = (): void => {
    if (!after || waiting.length > 0 || (current && current !== after.allBut)) return;
    const { then } = after;
    after = undefined;
    // An answer may have closed the connection.
    if (socket.writable) then();
  };
  const afterAnswers = (then: () => void, allBut?: ServerResponse): void => {
    after = { allBut, then };
    settle();
  };
  const begin = (res: ServerResponse): void => {
    current = res;
    res.once('close', () => {
      current = undefined;
      settle();
      // Requests of other connections run first.
      if (waiting.length > 0) setImmediate(beginNext);
    });
    serve(res, connection);
  };
  const beginNext = (): void => {
    const [next] = waiting;
    if (!next || current) return;
    dropWaiting(0, 1);
    begin(next);
  };
  const dropWaiting = (from = 0, number = waiting.length - from): void => {
    connectionCount.left(waiting.splice(from, number).length);
    if (waiting.length > 0) return;
    reading.goOn();
    if (!hasEnded) presence.stop();
  };
  socket.once('close', () => dropWaiting());
  const endAfterAnswers = (): void => {
    const last = waiting.at(-1) ?? current;
    if (!last || isRefusing) return;
    takesMore = false;
    if (!last.headersSent) announceClose(last);
    // Its headers were sent without `Connection: close`.
    else last.once('close', () => socket.destroySoon());
  };
  const end = (last = ''): void => {
    // Unread bytes would make the system reset the connection and lose the answers.
    reading.forget();
    socket.once('finish', () => {
      const cut = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once('close', () => clearTimeout(cut));
    });
    socket.end(last);
  };

  const connection: Connection = {
    peer,
    isUnused: () => latest === undefined,
    waiting: () => waiting.length,
    current: () => current,
    take(res) {
      if (!takesMore || socket.destroyed) {
        reading.forget();
        return;
      }
      latest = res;
      if (!current && waiting.length === 0) {
        begin(res);
        return;
      }
      waiting.push(res);
      reading.hold();
      presence.start();
      connectionCount.joined();
    },
    endAfterAnswers,
    refuse(refusal, culprit = latest?.req.complete ? undefined : latest) {
      if (isRefusing || (!takesMore && !culprit)) return;
      takesMore = false;
      isRefusing = true;
      if (culprit && culprit === current) dropWaiting();
      else if (culprit && waiting.includes(culprit)) dropWaiting(waiting.indexOf(culprit));
      // Node would end the connection before the refusal is sent.
      reading.hideEnd();
      afterAnswers(() => {
        if (!culprit || isUntouched(culprit)) end(refusal);
        else if (culprit.writableEnded) afterAnswers(end);
        // A half-sent answer cannot be replaced: the caller must see that it broke off.
        else socket.destroy();
      }, culprit);
    },
    forget: reading.forget,
    destroy() {
      dropWaiting();
      socket.destroy();
    },
  };
  return connection;
}

const isUntouched = (res: ServerResponse): boolean => !res.headersSent && !res.writableEnded;

const announceClose = (res: ServerResponse): void => void res.setHeader('Connection', 'close');
