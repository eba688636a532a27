import type { ServerResponse } from 'node:http';
import type { Caller } from '@quartet/common/tokens/caller.ts';
import { type EndReason, endFrame, heartbeatFrame, type ResetReason, resetFrame } from './frames.ts';
import type { LiveEvent } from './live-event.ts';

/** What a reader may leave unread; each limit is per stream. */
export type InHand = { events: number; bytes: number };

/** One reader's connection. There are thousands, so that it is a class with few fields and no timer. */
export class OpenStream {
  static #made = 0;
  /** It spreads the streams over the rounds of their heartbeats. */
  readonly number = OpenStream.#made++;
  readonly caller: Caller;
  /** Everything up to this sequence was written, or was not for this reader. */
  position: number;
  /** While it catches up it gets no new events. */
  isLive = false;
  readonly #res: ServerResponse;
  readonly #most: InHand;
  #inHand = 0;
  #drained: (() => void) | undefined;

  constructor(res: ServerResponse, caller: Caller, position: number, most: InHand) {
    this.#res = res;
    this.caller = caller;
    this.position = position;
    this.#most = most;
  }

  get isOpen(): boolean {
    return !this.#res.writableEnded && !this.#res.destroyed;
  }

  maySee({ userId }: LiveEvent): boolean {
    return this.caller.isSuperuser || this.caller.userId === userId;
  }

  /** @returns false when the reader is too slow and was cut off */
  send({ sequence, frame }: LiveEvent): boolean {
    if (sequence <= this.position || !this.isOpen) return true;
    this.position = sequence;
    this.#inHand += 1;
    this.#res.write(frame, this.#written);
    if (this.#inHand <= this.#most.events && this.#res.writableLength <= this.#most.bytes) return true;
    this.#res.destroy();
    return false;
  }

  heartbeat(): void {
    // A reader that has not taken the last events needs no sign of life.
    if (this.isOpen && this.#inHand === 0) this.#res.write(heartbeatFrame(this.position));
  }

  reset(sequence: number, reason: ResetReason): void {
    this.position = sequence;
    if (this.isOpen) this.#res.write(resetFrame(sequence, reason));
  }

  end(reason: EndReason): void {
    if (this.isOpen) this.#res.end(endFrame(reason));
  }

  /** Resolves when the reader has taken everything, or has gone. */
  async drained(): Promise<void> {
    if (this.#inHand === 0 || !this.isOpen) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    this.#res.once('close', resolve);
    await promise;
    this.#res.off('close', resolve);
  }

  #written = (): void => {
    this.#inHand -= 1;
    if (this.#inHand > 0) return;
    this.#drained?.();
    this.#drained = undefined;
  };
}
