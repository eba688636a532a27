import { type Client, createClient, createConfig } from '../src/client/index.ts';
import { LoginService } from '../src/index.ts';
import { authorizedFetch } from './authorized-fetch.ts';
import { type Clock, systemClock } from './clock.ts';
import { cookieEndpoints, tokenEndpoints } from './endpoints.ts';
import { followLive } from './live/follow-live.ts';
import type { LiveOptions } from './live/live-options.ts';
import { type Operation, type OperationArguments, type OperationData, signalOf } from './operation.ts';
import { QuartetError, toQuartetError } from './quartet-error.ts';
import { createSession, type SignedOut } from './session.ts';
import { browserTabs, noTabs } from './tabs.ts';

export type QuartetClientOptions = {
  /** Such as `http://localhost:8000`, without `/api/v1`; left out in a browser: where the page came from. */
  baseUrl?: string;
  /** Who keeps the refresh token: the browser, in a cookie that no script can read, or this client in memory. */
  refreshTokenIn?: 'cookie' | 'memory';
  /** The one that `onRefreshToken` has stored; only for `memory`. */
  refreshToken?: string | undefined;
  /** Gets each new refresh token to store it, and undefined when the session is over; only for `memory`. */
  onRefreshToken?: (refreshToken: string | undefined) => void | Promise<void>;
  /** Called once when a client that was logged in no longer is. */
  onSignedOut?: (signedOut: SignedOut) => void;
  fetch?: typeof fetch;
  clock?: Clock;
};

type CallOptions = { signal?: AbortSignal };

export type QuartetClient = {
  /** @throws QuartetError 400 for a wrong password, 429 for too many attempts */
  logIn(username: string, password: string, options?: CallOptions): Promise<void>;
  /** Whether there is a session, also one from before the page was loaded or the process started. */
  resume(options?: CallOptions): Promise<boolean>;
  /** @throws QuartetError when the API cannot be asked; the session goes on then */
  logOut(options?: CallOptions): Promise<void>;
  /**
   * Calls the API: `call(ItemsService.readItems, { query: { limit: 10 } })`.
   *
   * @throws QuartetError when the API refuses or does not answer; the reason of `signal` when that was aborted
   */
  call<F extends Operation>(operation: F, ...options: OperationArguments<F>): Promise<OperationData<F>>;
  /**
   * Reads events as they happen, across restarts of the API, until `signal` is aborted or the session is over.
   *
   * @throws QuartetError when the API refuses the stream for good; what a callback throws
   */
  live(options: LiveOptions): Promise<void>;
  /** For what needs the response itself: `ItemsService.readItems({ client })`. */
  client: Client;
  /** Listens to other tabs no longer, and ends live streams. */
  close(): void;
};

/** Logs in, keeps the session going, and calls the API for it. */
export function createQuartetClient(options: QuartetClientOptions = {}): QuartetClient {
  const { clock = systemClock, refreshToken, onRefreshToken, onSignedOut = () => undefined } = options;
  const baseUrl = (options.baseUrl ?? '').replace(/\/+$/, '');
  const send: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const inBrowser = 'document' in globalThis;
  const usesCookie = (options.refreshTokenIn ?? (inBrowser ? 'cookie' : 'memory')) === 'cookie';

  const plain = createClient(createConfig({ baseUrl, fetch: send }));
  let readers = new AbortController();
  const endStreams = (): void => {
    readers.abort();
    readers = new AbortController();
  };
  const session = createSession({
    endpoints: usesCookie
      ? cookieEndpoints(plain)
      : tokenEndpoints(plain, refreshToken, onRefreshToken ?? (() => undefined)),
    joinTabs: (receive) => (usesCookie ? browserTabs(`quartet-session ${baseUrl}`, receive) : noTabs()),
    clock,
    onSignedOut(signedOut) {
      endStreams();
      onSignedOut(signedOut);
    },
  });
  const client = createClient(createConfig({ baseUrl }));
  authorizedFetch(client, session, send);

  async function call<F extends Operation>(
    operation: F,
    ...[options]: OperationArguments<F>
  ): Promise<OperationData<F>> {
    const { data, error, response } = await operation({ ...options, client } as never);
    if (data !== undefined) return data as OperationData<F>;
    signalOf(options)?.throwIfAborted();
    throw toQuartetError(error, response);
  }

  return {
    client,
    call,
    logIn: (username, password, { signal } = {}) => session.logIn(username, password, signal),
    resume: ({ signal } = {}) => session.resume(signal),
    async logOut({ signal } = {}) {
      try {
        await call(LoginService.logout, { credentials: 'include', signal: signal ?? null });
      } catch (err) {
        if (!isOver(err)) throw err;
      }
      await session.loggedOut();
    },
    live(options) {
      const signals = [readers.signal, ...(options.signal ? [options.signal] : [])];
      return followLive({ client, session, clock }, options, AbortSignal.any(signals));
    },
    close() {
      session.close();
      endStreams();
    },
  };
}

/** Whether the server knows no session that a logout could end. */
const isOver = (err: unknown): boolean =>
  err instanceof QuartetError && [400, 401, 403, 404].includes(err.status ?? 0);
