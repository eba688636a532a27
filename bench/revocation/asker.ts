import { Agent, get } from 'node:http';

export type Asker = {
  /** @throws {Error} when the answer means neither acceptance nor refusal */
  accepts(token: string): Promise<boolean>;
  close(): void;
};

// With an invalid id, an accepted token costs a 400 without a look-up, so the replica does little work.
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
