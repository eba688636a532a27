import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So long a caller that was refused may go on sending before its connection is cut. */
const LINGER_MS = 2_000;
/** How often it is looked whether a caller that has ended its side is still there, and at which look it is asked. */
const LOOK_EVERY_MS = 1_000;
const ASK_AT_LOOK = 3;

/** The requests of one connection, which are answered in the order in which they came (RFC 9112, 9.3.2). */
export type Connection = {
  /** Nothing was asked on it yet. */
  isUnused(): boolean;
  /** A request begins. False when none is taken on this connection any more. */
  take(req: IncomingMessage, res: ServerResponse): boolean;
  /** Ends it with the last answer in hand; an idle one stays. */
  endAfterAnswers(): void;
  /**
   * Ends it with `refusal`, once all that was asked before is answered. What a request in hand caused, before it was
   * whole or because it may not be carried out, is refused in its place, unless it has an answer of its own.
   * @param culprit the answer of a request that is refused; left out: of the one that is not whole yet, if any
   */
  refuse(refusal: string, culprit?: ServerResponse): void;
  /** Cuts it. */
  destroy(): void;
};

export function createConnection(socket: Socket): Connection {
  const inHand: ServerResponse[] = [];
  let latest: ServerResponse | undefined;
  let takesMore = true;
  let isRefusing = false;
  let waiting: { allBut: ServerResponse | undefined; then: () => void } | undefined;

  const settle = (): void => {
    if (!waiting || inHand.some((res) => res !== waiting?.allBut)) return;
    const { then } = waiting;
    waiting = undefined;
    // An answer may have said that it is the last.
    if (socket.writable) then();
  };
  const afterAnswers = (then: () => void, allBut?: ServerResponse): void => {
    waiting = { allBut, then };
    settle();
  };
  const endAfterAnswers = (): void => {
    const last = inHand.at(-1);
    if (!last || isRefusing) return;
    takesMore = false;
    if (!last.headersSent) sayClose(last);
    // An answer that has begun has promised to keep its connection.
    else last.once('close', () => socket.destroySoon());
  };
  /**
   * The caller sends nothing more. Whether it waits for its answers or has gone looks the same in TCP, until something
   * is sent to it: so one that waits for long gets a 102 Processing, to which the system of one that has gone answers
   * with a reset.
   */
  const lookWhetherThere = (): void => {
    let looks = 0;
    const looking = setInterval(() => {
      looks += 1;
      const [next] = inHand;
      // RFC 9110, 15.2: interim answers are not for HTTP/1.0.
      const isAsked = looks === ASK_AT_LOOK && next?.req.httpVersion === '1.1' && !next.headersSent;
      if (isAsked) next.writeProcessing();
      // Nothing is read from it any more, so only a write hears of a reset; one of nothing is enough.
      else if (socket.writable) socket.write('');
    }, LOOK_EVERY_MS);
    socket.once('close', () => clearInterval(looking));
  };
  socket.once('end', lookWhetherThere);
  socket.once('end', endAfterAnswers);
  const end = (last = ''): void => {
    // What is still sent is read and forgotten: a connection that is cut with bytes unread takes the answers with it.
    socket.once('finish', () => {
      const cut = setTimeout(() => socket.destroy(), LINGER_MS);
      socket.once('close', () => clearTimeout(cut));
    });
    socket.end(last);
  };

  return {
    isUnused: () => latest === undefined,
    take(req, res) {
      if (!takesMore) {
        req.resume();
        return false;
      }
      latest = res;
      inHand.push(res);
      res.once('close', () => {
        inHand.splice(inHand.indexOf(res), 1);
        settle();
      });
      return true;
    },
    endAfterAnswers,
    refuse(refusal, culprit = latest?.req.complete ? undefined : latest) {
      // What comes behind a last request is not read.
      if (isRefusing || (!takesMore && !culprit)) return;
      takesMore = false;
      isRefusing = true;
      // Node would end the connection with the answers in hand, before the refusal.
      socket.removeAllListeners('end').once('end', lookWhetherThere);
      afterAnswers(() => {
        if (!culprit || isUntouched(culprit)) end(refusal);
        else if (culprit.writableEnded) afterAnswers(end);
        // Half an answer cannot be taken back: the caller must see that it broke off.
        else socket.destroy();
      }, culprit);
    },
    destroy: () => socket.destroy(),
  };
}

const isUntouched = (res: ServerResponse): boolean => !res.headersSent && !res.writableEnded;

/** So that a caller with a kept-alive connection leaves. */
const sayClose = (res: ServerResponse): void => void res.setHeader('Connection', 'close');
