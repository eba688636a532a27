import type { Socket } from 'node:net';
import { networkOf, plainAddress, type TrustsProxy } from '../caller-address.ts';

/** How many connections one caller may have. */
export type CallerCap = {
  most: number;
  /** A proxy speaks for many: its connections are not counted. */
  trusts: TrustsProxy;
};

/**
 * Counts the connections of each caller: of an IPv4 address, or the /64 of an IPv6 address.
 * @returns whether one more may be taken
 */
export function createCallerCount(cap: CallerCap | undefined): (socket: Socket) => boolean {
  const counts = new Map<string, number>();
  return (socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (!cap || address === undefined || cap.trusts(address, 0)) return true;
    const network = networkOf(address);
    const count = counts.get(network) ?? 0;
    if (count >= cap.most) return false;
    counts.set(network, count + 1);
    socket.once('close', () => {
      const left = (counts.get(network) ?? 0) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    });
    return true;
  };
}
