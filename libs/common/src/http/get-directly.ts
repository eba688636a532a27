import * as http from 'node:http';
import * as https from 'node:https';

/** Sends a GET, never through a proxy as `fetch` might (NODE_USE_ENV_PROXY). @throws {Error} when it fails */
export async function getDirectly(url: string, withinMs: number): Promise<{ status: number; body: string }> {
  const { get, Agent } = url.startsWith('https:') ? https : http;
  const signal = AbortSignal.timeout(withinMs);
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
