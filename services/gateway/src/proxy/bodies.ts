import type { IncomingMessage } from 'node:http';
import { unavailable } from '@quartet/common/errors.ts';
import { BODY_LIMIT, readBody } from '@quartet/common/http/input/body.ts';

const MOST_BYTES = 64_000_000;
/** This part of each body does not count: large bodies must not keep a login out. */
const FREE_BYTES = 4_000;

/** Bodies are read whole before a service is called, so that a slow caller occupies no service. */
export type Bodies = {
  /** @throws {AppError} `too-large`; `unavailable` while other bodies take all the memory */
  read(req: IncomingMessage, use: (body: Buffer | null) => Promise<void>): Promise<void>;
};

export function createBodies(mostBytes = MOST_BYTES): Bodies {
  let all = 0;
  return {
    async read(req, use) {
      if (!hasBody(req)) return use(null);
      let size = 0;
      const counted = () => Math.max(0, Math.min(size, BODY_LIMIT) - FREE_BYTES);
      let held = 0;
      const grow = (bytes: number): void => {
        size += bytes;
        const more = counted() - held;
        if (more > 0 && all + more > mostBytes) throw unavailable();
        held += more;
        all += more;
      };
      try {
        await use(await readBody(req, grow));
      } finally {
        all -= held;
      }
    },
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
