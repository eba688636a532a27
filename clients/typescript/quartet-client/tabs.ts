import type { Tokens } from './tokens.ts';

export type TabMessage = { type: 'tokens'; tokens: Tokens } | { type: 'logged-out' };

const NEWS_WITHIN_MS = 1_000;

/** The tabs of a browser that share a session. */
export type Tabs = {
  /** One at a time in all tabs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  tell(message: TabMessage): void;
  close(): void;
};

/** `name` is the same for clients of one API. Messages stay in the memory of pages of this origin. */
export function browserTabs(name: string, receive: (message: TabMessage) => void): Tabs {
  const channel = new BroadcastChannel(name);
  let news = Promise.withResolvers<void>();
  channel.onmessage = ({ data }) => {
    if (!isTabMessage(data)) return;
    receive(data);
    news.resolve();
    news = Promise.withResolvers();
  };
  const alone = oneAtATime();
  return {
    async exclusively(work) {
      // Without https there are no locks, except on this machine: the server takes a used refresh token for 10 seconds.
      const { locks } = navigator as Partial<Navigator>;
      if (!locks) return alone(work);
      const heard = news.promise;
      const atOnce = await locks.request(name, { ifAvailable: true }, async (lock) =>
        lock ? { result: await work() } : undefined,
      );
      if (atOnce) return atOnce.result;
      return locks.request(name, async () => {
        // A message of the tab before may arrive later than its lock.
        await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, NEWS_WITHIN_MS))]);
        return work();
      });
    },
    tell: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}

/** A client whose refresh token nobody else has. */
export const noTabs = (): Tabs => ({
  exclusively: oneAtATime(),
  tell: () => undefined,
  close: () => undefined,
});

function oneAtATime(): Tabs['exclusively'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

/** A tab may still have an older release of the page. */
function isTabMessage(data: unknown): data is TabMessage {
  if (typeof data !== 'object' || data === null || !('type' in data)) return false;
  if (data.type === 'logged-out') return true;
  if (data.type !== 'tokens' || !('tokens' in data)) return false;
  const { tokens } = data;
  return (
    typeof tokens === 'object' &&
    tokens !== null &&
    'accessToken' in tokens &&
    typeof tokens.accessToken === 'string' &&
    'receivedAt' in tokens &&
    typeof tokens.receivedAt === 'number' &&
    'expiresAt' in tokens &&
    typeof tokens.expiresAt === 'number'
  );
}
