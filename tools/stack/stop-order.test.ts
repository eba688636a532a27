import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { Phase } from './process-spec.ts';
import type { Stoppable } from './stop-order.ts';
import { STOP_BUDGET_MS, stopInOrder } from './stop-order.ts';
import { exitCodeAfter, listenForStop } from './stop-signals.ts';

const WAIT = { timeout: 10_000 };

describe('stopping', () => {
  function stoppable(phase: Phase, log: string[], endsOn: 'stop' | 'kill' = 'stop'): Stoppable {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (how: 'stop' | 'kill') => {
      log.push(`${how} ${phase}`);
      if (how === endsOn) {
        resolve();
      }
    };
    return { name: phase, phase, ended, stop: () => end('stop'), kill: () => end('kill') };
  }

  it('goes from the gateway to the database', async () => {
    const log: string[] = [];
    const all = (['database', 'services', 'mail', 'gateway', 'broker'] as const).map((phase) =>
      stoppable(phase, log),
    );
    expect(await stopInOrder(all)).toEqual([]);
    expect(log).toEqual(['stop gateway', 'stop services', 'stop mail', 'stop broker', 'stop database']);
  });

  it('kills what exceeds its time, and continues', async () => {
    const log: string[] = [];
    const all = [stoppable('services', log, 'kill'), stoppable('database', log)];
    const budget = { ...STOP_BUDGET_MS, gateway: 0, services: 20 };
    expect(await stopInOrder(all, budget)).toEqual(['services']);
    expect(log).toEqual(['stop services', 'kill services', 'stop database']);
  });

  it('takes less than 10 s in all', () => {
    expect(Object.values(STOP_BUDGET_MS).reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
  });
});

describe('stop signals', () => {
  it('stop at the first one, ignore the repetition by npm, and kill at a later one', async () => {
    const source = new EventEmitter();
    const onSecond = vi.fn();
    const stops = listenForStop(source, onSecond);
    source.emit('SIGINT', 'SIGINT');
    source.emit('SIGINT', 'SIGINT');
    stops.request('SIGHUP');
    expect(await stops.first).toBe('SIGINT');
    expect(stops.signal.aborted).toBe(true);
    expect(onSecond).not.toHaveBeenCalled();
    await vi.waitFor(() => {
      source.emit('SIGTERM', 'SIGTERM');
      expect(onSecond).toHaveBeenCalled();
    }, WAIT);
    stops.release();
    expect(source.eventNames()).toEqual([]);
  });

  it('determine the exit code', () => {
    expect((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(exitCodeAfter)).toEqual([130, 0, 0]);
  });
});
