import { LoginService } from '@quartet/client';
import { createClient, createConfig } from '@quartet/client/client';
import { checkAnswer } from '../support/contract.ts';

export type ApiClient = ReturnType<typeof createClient>;

/** Compares every answer with the API's document; `api` is such as `http://127.0.0.1:8000/api/v1`. */
export function createApiClient(api: string, token?: string): ApiClient {
  const client = createClient(createConfig({ baseUrl: new URL(api).origin, auth: () => token }));
  client.interceptors.response.use(async (response, { method, url }) => {
    const { status, headers } = response;
    const { pathname, search } = new URL(url);
    checkAnswer(method, pathname + search, { status, headers, text: await response.clone().text() });
    return response;
  });
  // Otherwise the client would return errors of the check or the network like answers of the API.
  client.interceptors.error.use((err) => {
    if (err instanceof Error) throw err;
    return err;
  });
  return client;
}

export async function logIn(api: string, username: string, password: string): Promise<ApiClient> {
  const { data } = await LoginService.loginAccessToken({
    client: createApiClient(api),
    body: { username, password },
    throwOnError: true,
  });
  return createApiClient(api, data.access_token);
}
