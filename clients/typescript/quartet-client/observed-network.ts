import { checkAnswer } from '../../../tests/support/contract.ts';
import type { Clock } from './clock.ts';

/** What a client sends, and what happens to it on the way. */
export type Network = {
  fetch: typeof fetch;
  /** Such as `POST /api/v1/sessions/refresh`. */
  sent: string[];
  refreshes(): number;
  /** The next refreshes reach the API, and their answers are lost. */
  loseAnswers(count: number): void;
  /** What else happens to a request; it may send it with `fetch`. */
  intercept: ((request: Request) => Promise<Response | undefined>) | undefined;
};

/** Compares every answer with the API's document. */
export function observedNetwork(): Network {
  let lost = 0;
  const refreshed = new Set<Request>();
  const network: Network = {
    sent: [],
    refreshes: () => refreshed.size,
    loseAnswers: (count) => {
      lost += count;
    },
    intercept: undefined,
    async fetch(input, init) {
      const request = new Request(input, init);
      const { pathname, search } = new URL(request.url);
      network.sent.push(`${request.method} ${pathname}`);
      const isRefresh = (await request.clone().text()).includes('grant_type=refresh_token');
      if (isRefresh) refreshed.add(request);
      const answer = (await network.intercept?.(request)) ?? (await fetch(request));
      const text = await answer.clone().text();
      const { status, headers } = answer;
      if (answer.url !== '') checkAnswer(request.method, pathname + search, { status, headers, text });
      if (isRefresh && lost > 0) {
        lost -= 1;
        throw new TypeError('the connection was lost');
      }
      return answer;
    },
  };
  return network;
}

export type TestClock = Clock & { advance(ms: number): void; waits: number[] };

/** Waits end at once and move the time; a timer that was only set for safety ends with its signal. */
export function createTestClock(): TestClock {
  let now = Date.now();
  const waits: number[] = [];
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
    waits,
    async wait(ms, signal) {
      if (ms < 3_000) {
        waits.push(ms);
        now += ms;
        return;
      }
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      await promise;
    },
  };
}
