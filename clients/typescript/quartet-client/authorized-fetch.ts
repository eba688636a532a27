import type { Client } from '../src/client/index.ts';
import type { Session } from './session.ts';
import type { Tokens } from './tokens.ts';

/** Gives the client's requests the session's token, and sends one again, once, when the server refuses its token. */
export function authorizedFetch(client: Client, session: Session, send: typeof fetch): void {
  const secured = new WeakSet<Request>();
  client.interceptors.request.use((request, { security }) => {
    if (security && !request.headers.has('Authorization')) secured.add(request);
    return request;
  });

  const fetchWithToken: typeof fetch = async (input, init) => {
    if (!(input instanceof Request && secured.has(input))) return send(input, init);
    const tokens = await session.tokens(input.signal);
    const response = await send(withToken(input, tokens));
    if (!tokens || !(await isTokenRefused(response))) return response;
    const next = await session.tokensAfter(tokens, input.signal);
    return next ? send(withToken(input, next)) : response;
  };
  client.setConfig({ fetch: fetchWithToken });
}

function withToken(request: Request, tokens: Tokens | undefined): Request {
  const copy = request.clone();
  if (tokens) copy.headers.set('Authorization', `Bearer ${tokens.accessToken}`);
  return copy;
}

async function isTokenRefused(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  return (await response.clone().text()).includes('"Could not validate credentials"');
}
