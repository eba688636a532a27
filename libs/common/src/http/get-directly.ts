import * as http from 'node:http';
import * as https from 'node:https';

/**
 * Asks another of our processes by GET, over a connection of its own and never through a proxy: `fetch` takes the proxy of
 * the environment where NODE_USE_ENV_PROXY is set, and that one knows nothing of our network. A redirect is an answer.
 * @param url an http:// or https:// address
 * @throws when there is no whole answer in time, naming the address
 */
export async function getDirectly(url: string, withinMs: number): Promise<{ status: number; body: string }> {
  const { get, Agent } = url.startsWith('https:') ? https : http;
  const signal = AbortSignal.timeout(withinMs);
  // An agent of one's own has no proxy.
  const agent = new Agent();
  try {
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      get(url, { agent, signal }, resolve).on('error', reject);
    });
    answer.setEncoding('utf8');
    let body = '';
    for await (const part of answer) body += part;
    return { status: answer.statusCode ?? 0, body };
  } catch (err) {
    if (signal.aborted) throw new Error(`${url} does not answer within ${withinMs / 1_000} s`);
    throw new Error(`${url} does not answer`, { cause: err });
  } finally {
    agent.destroy();
  }
}
