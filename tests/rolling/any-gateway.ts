import { wasRefused } from '../crash/clients/send.ts';

/** Sends each request to the next gateway in turn, or to another when that one refuses the connection. */
export function toAnyOf(gateways: readonly { url: string }[]): typeof fetch {
  let turn = 0;
  return async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const { method, headers, signal } = request;
    const body = method === 'GET' ? null : await request.text();
    let refusal: unknown;
    for (let tried = 0; tried < gateways.length; tried += 1) {
      turn += 1;
      const { url } = gateways[turn % gateways.length] ?? {};
      try {
        return await fetch(`${url}${pathname}${search}`, { method, headers, signal, body });
      } catch (err) {
        if (!(err instanceof TypeError && wasRefused(err.cause))) throw err;
        refusal = err;
      }
    }
    throw refusal;
  };
}
