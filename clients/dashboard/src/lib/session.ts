import { createQuartetClient, type SignedOut } from '@quartet/client';
import { pageSettings } from './page-settings.ts';
import { queryClient } from './query-client.ts';
import { stored } from './stored.ts';

/** Whether the browser may have a session's cookie, which no script can see; it spares visitors a refused refresh. */
const HINT = 'quartet-session';

type Listener = (reason: SignedOut['reason']) => void;
const listeners = new Set<Listener>();
let signedOut: SignedOut['reason'] | undefined;

const { apiUrl: baseUrl } = pageSettings;
const quartet = createQuartetClient({
  ...(baseUrl === undefined ? {} : { baseUrl }),
  onSignedOut({ reason }) {
    signedOut = reason;
    // The other user's session goes on in this browser.
    if (reason !== 'other-user') stored.set(HINT, undefined);
    queryClient.clear();
    for (const listener of listeners) listener(reason);
  },
});

/** Calls the API: `call(ItemsService.readItems, { query: { limit: 10 } })`. */
export const { call, client, live } = quartet;

export async function logIn(email: string, password: string): Promise<void> {
  await quartet.logIn(email, password);
  queryClient.clear();
  signedOut = undefined;
  stored.set(HINT, 'yes');
}

const beforeEnd = new Set<() => Promise<unknown>>();

/** `work` still has the session when the person logs out. */
export function beforeLogOut(work: () => Promise<unknown>): void {
  beforeEnd.add(work);
}

let leaving: Promise<void> | undefined;

/** While it is under way, another one is the same. */
export function logOut(): Promise<void> {
  leaving ??= leave().finally(() => {
    leaving = undefined;
  });
  return leaving;
}

async function leave(): Promise<void> {
  await Promise.all([...beforeEnd].map((work) => work()));
  await quartet.logOut();
}

const SESSION = ['session'];

/** Waits while the API is away. After the end of a session in this tab, only a login or a reload begins another. */
export async function hasSession(): Promise<boolean> {
  if (signedOut !== undefined || stored.get(HINT) === null) return false;
  const found = await queryClient.fetchQuery({
    queryKey: SESSION,
    queryFn: ({ signal }) => quartet.resume({ signal }),
    staleTime: ({ state }) => (state.data ? Number.POSITIVE_INFINITY : 0),
    gcTime: Number.POSITIVE_INFINITY,
  });
  if (!found) stored.set(HINT, undefined);
  return found;
}

/** Why there is no session any more; undefined for a visitor. */
export const whySignedOut = (): SignedOut['reason'] | undefined => signedOut;

export function onSignedOut(listener: Listener): void {
  listeners.add(listener);
}
