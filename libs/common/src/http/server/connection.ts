import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionCount } from './connection-limits.ts';
import { createPresence, createReading } from './reading.ts';

/** So long a caller that was refused may go on sending before its connection is cut. */
const LINGER_MS = 2_000;

/** The requests of one connection, which take turns: one is begun when the answer before it is written out. */
export type Connection = {
  peer: string | undefined;
  /** Nothing was asked on it yet. */
  isUnused(): boolean;
  /** How many requests wait for their turn. */
  waiting(): number;
  /** What is carried out now. */
  current(): ServerResponse | undefined;
  /** A request begins, or waits for its turn; dropped when none is taken on this connection any more. */
  take(res: ServerResponse): void;
  /** Ends it with the last answer in hand; an idle one stays. */
  endAfterAnswers(): void;
  /**
   * Ends it with `refusal`, once all that was asked before is answered. What a request in hand caused, before it was
   * whole or because it may not be carried out, is refused in its place, unless it has an answer of its own.
   * @param culprit the answer of a request that is refused; left out: of the one that is not whole yet, if any
   */
  refuse(refusal: string, culprit?: ServerResponse): void;
  /** What still comes on it is no request. */
  forget(): void;
  /** Cuts it. */
  destroy(): void;
};

/** @param serve carries out a request whose turn it is */
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
    // An answer may have said that it is the last.
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
      // Not at once: others have their turn too.
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
    if (!last.headersSent) sayClose(last);
    // An answer that has begun has promised to keep its connection.
    else last.once('close', () => socket.destroySoon());
  };
  const end = (last = ''): void => {
    // What is still sent is read and forgotten: a connection that is cut with bytes unread takes the answers with it.
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
      // What comes behind a last request is not read.
      if (isRefusing || (!takesMore && !culprit)) return;
      takesMore = false;
      isRefusing = true;
      if (culprit && culprit === current) dropWaiting();
      else if (culprit && waiting.includes(culprit)) dropWaiting(waiting.indexOf(culprit));
      // Node would end the connection with the answers in hand, before the refusal.
      reading.hideEnd();
      afterAnswers(() => {
        if (!culprit || isUntouched(culprit)) end(refusal);
        else if (culprit.writableEnded) afterAnswers(end);
        // Half an answer cannot be taken back: the caller must see that it broke off.
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

/** So that a caller with a kept-alive connection leaves. */
const sayClose = (res: ServerResponse): void => void res.setHeader('Connection', 'close');
