import type { Socket } from 'node:net';

/** Whether what a caller sends is read. */
export type Hold = {
  /** Nothing more is read, but what has been already. */
  begin(): void;
  end(): void;
};

/** Node reads on after every request that it has found in what was read, so a pause alone does not last. */
export function createHold(socket: Socket): Hold {
  let isHeld = false;
  socket.on('resume', () => {
    if (isHeld) socket.pause();
  });
  return {
    begin() {
      isHeld = true;
      socket.pause();
    },
    end() {
      if (!isHeld) return;
      isHeld = false;
      socket.resume();
    },
  };
}

/** What the caller still sends is read and forgotten: no request is looked for in it. */
export function forgetRest(socket: Socket): void {
  // Node may be in the midst of looking.
  process.nextTick(() => {
    socket.removeAllListeners('data').on('data', () => undefined);
  });
}
