import { startChild } from '../child.ts';
import { done, type Order, type Outcome } from './order.ts';

/** @throws {Error} when a request fails */
export type Load = (order: Order) => Promise<Outcome>;

export function startLoad(resources: AsyncDisposableStack, signal: AbortSignal): Load {
  const child = startChild('load/process.ts', [], signal);
  resources.defer(() => child.end());
  return async (order) => {
    child.send(order);
    const result = await child.hear(done);
    if ('failure' in result) throw new Error(result.failure);
    return result;
  };
}
