import { Agent, get } from 'node:http';

/** Asks one replica, over one kept-alive connection, whether it takes a token. */
export type Asker = {
  /** @throws when the answer is neither of the two */
  accepts(token: string): Promise<boolean>;
  close(): void;
};

// Of an id that is none: an accepted token is a 400 with no look-up behind it, so that asking costs the replica little.
const PATH = '/api/v1/items/none';
const ACCEPTED = 400;
const REFUSED = 403;
const ANSWER_WITHIN_MS = 10_000;

export function createAsker(url: string): Asker {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async accepts(token) {
      const headers = { authorization: `Bearer ${token}` };
      const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
      const request = get(url + PATH, { agent, headers, timeout: ANSWER_WITHIN_MS }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode));
      });
      request.once('timeout', () => request.destroy(new Error(`no answer in ${ANSWER_WITHIN_MS} ms`)));
      request.once('error', reject);
      const status = await promise;
      if (status !== ACCEPTED && status !== REFUSED) throw new Error(`${url}${PATH} answered ${status}`);
      return status === ACCEPTED;
    },
    close: () => agent.destroy(),
  };
}
