import { Agent, request } from 'node:http';
import type { Arms } from '../attacks/attack.ts';
import { loopbackOf } from './loopback.ts';

export type Caller = (
  method: string,
  path: string,
  content?: string,
  type?: 'json' | 'form',
) => Promise<string>;

const TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' };

export function createCaller({ api, from, token }: Arms, connections: number): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { pathname } = new URL(api);
  return (method, path, content, type = 'json') =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(content === undefined
          ? {}
          : { 'content-type': TYPES[type], 'content-length': Buffer.byteLength(content) }),
      };
      const sent = request({
        ...{ ...loopbackOf(api), localAddress: from, agent, method, headers },
        path: pathname + path,
      });
      sent.once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(String(response.statusCode)));
        response.once('error', reject);
      });
      sent.once('error', reject);
      sent.end(content);
    });
}
