import { askRepeatedly } from './attempts.ts';
import { abortable, type Clock } from './clock.ts';
import type { Endpoints, Grant } from './endpoints.ts';
import { QuartetError } from './quartet-error.ts';
import type { TabMessage, Tabs } from './tabs.ts';
import { ageOf, type Tokens, toTokens, userOf } from './tokens.ts';

/**
 * `logged-out`: here or in another tab; `ended`: the server refuses to go on, and `error` says why; `other-user`: in
 * another tab somebody else logged in.
 */
export type SignedOut = { reason: 'logged-out' | 'ended' | 'other-user'; error?: QuartetError };

export type Session = {
  logIn(username: string, password: string, signal?: AbortSignal): Promise<void>;
  /** Returns the tokens to use now, refreshed if necessary; undefined when nobody is logged in. */
  tokens(signal?: AbortSignal): Promise<Tokens | undefined>;
  /** Returns other tokens than these, which the server has refused. */
  tokensAfter(refused: Tokens, signal?: AbortSignal): Promise<Tokens | undefined>;
  /** Looks for a session that this client did not begin. */
  resume(signal?: AbortSignal): Promise<boolean>;
  loggedOut(): Promise<void>;
  close(): void;
};

export function createSession(parts: {
  endpoints: Endpoints;
  joinTabs: (receive: (message: TabMessage) => void) => Tabs;
  clock: Clock;
  onSignedOut: (signedOut: SignedOut) => void;
}): Session {
  const { endpoints, clock, onSignedOut } = parts;
  let current: Tokens | undefined;
  let mayResume = true;
  /** It changes with each login and each end, so that a refresh from before does not count. */
  let epoch = 0;
  let refreshing: Promise<Tokens | undefined> | undefined;
  let refusal: { error: QuartetError; until: number } | undefined;

  const tabs = parts.joinTabs((message) => {
    if (message.type === 'logged-out') end({ reason: 'logged-out' });
    else if (isOthers(message.tokens)) end({ reason: 'other-user' });
    else if (!current || message.tokens.expiresAt > current.expiresAt) take(message.tokens);
  });

  const isOthers = (tokens: Tokens): boolean => current !== undefined && userOf(tokens) !== userOf(current);

  function take(tokens: Tokens): void {
    current = tokens;
    mayResume = true;
    refusal = undefined;
  }

  function end(signedOut: SignedOut): void {
    const wasSignedIn = current !== undefined;
    current = undefined;
    mayResume = false;
    epoch += 1;
    if (wasSignedIn) queueMicrotask(() => onSignedOut(signedOut));
  }

  async function ask(): Promise<Grant | undefined> {
    if (refusal && clock.now() < refusal.until) throw refusal.error;
    try {
      return await askRepeatedly(endpoints.refresh, clock);
    } catch (err) {
      if (!(err instanceof QuartetError)) throw err;
      if (err.status === 429) {
        refusal = { error: err, until: clock.now() + (err.retryAfterSeconds ?? 1) * 1_000 };
      }
      if (!isFinal(err)) throw err;
      await endpoints.forget();
      end({ reason: 'ended', error: err });
      return undefined;
    }
  }

  function refresh(seen: Tokens | undefined): Promise<Tokens | undefined> {
    refreshing ??= tabs
      .exclusively(async () => {
        // Another tab or a login may have brought others while this one waited.
        if (current !== seen) return current;
        const before = epoch;
        const askedAt = clock.now();
        const grant = await ask();
        if (epoch !== before) return current;
        if (!grant) {
          end({ reason: 'ended' });
          return undefined;
        }
        const tokens = toTokens(grant, askedAt);
        if (isOthers(tokens)) end({ reason: 'other-user' });
        else take(tokens);
        tabs.tell({ type: 'tokens', tokens });
        return current;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  async function tokens(signal?: AbortSignal): Promise<Tokens | undefined> {
    if (!current && !mayResume) return undefined;
    const age = current ? ageOf(current, clock.now()) : 'old';
    if (age === 'old') return abortable(refresh(current), signal);
    // A call that needs it will meet the error itself.
    if (age === 'aging') refresh(current).catch(() => undefined);
    return current;
  }

  return {
    tokens,
    tokensAfter: async (refused, signal) =>
      current === refused ? abortable(refresh(refused), signal) : current,
    logIn: (username, password, signal) =>
      abortable(
        tabs.exclusively(async () => {
          const askedAt = clock.now();
          const begun = toTokens(await endpoints.logIn(username, password, signal), askedAt);
          epoch += 1;
          take(begun);
          tabs.tell({ type: 'tokens', tokens: begun });
        }),
        signal,
      ),
    async resume(signal) {
      mayResume = true;
      return (await tokens(signal)) !== undefined;
    },
    async loggedOut() {
      end({ reason: 'logged-out' });
      tabs.tell({ type: 'logged-out' });
      await endpoints.forget();
    },
    close: () => tabs.close(),
  };
}

/** Whether the session cannot go on; a page whose origin is refused has a mistake in the API's settings. */
const isFinal = ({ status = 500, detail }: QuartetError): boolean =>
  status >= 400 && status < 500 && status !== 429 && detail !== 'Origin not allowed';
