import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = {
  registry: Registry;
  count(name: string, help: string, label: string): (value: string) => void;
  countBy<L extends string>(name: string, help: string, labels: L[]): (values: Record<L, string>) => void;
  /** Values are in seconds. */
  time(name: string, help: string, labels: string[], buckets: number[]): Histogram<string>;
  /** It is read at each scrape, and left out when it is too slow, since an old value would be wrong. */
  observe(name: string, help: string, read: () => Promise<number>): void;
  observe(name: string, help: string, read: () => Promise<Record<string, number>>, label: string): void;
};

const READ_WITHIN_MS = 1_500;

/** Creates an empty set of metrics. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `quartet_${name}`, help, labelNames, registers });

  return {
    registry,
    count(name, help, label) {
      const counted = counter(name, help, [label]);
      return (value) => counted.inc({ [label]: value });
    },
    countBy(name, help, labels) {
      const counted = counter(name, help, labels);
      return (values) => counted.inc(values);
    },
    time: (name, help, labelNames, buckets) =>
      new Histogram({ name: `quartet_${name}`, help, labelNames, buckets, registers }),
    observe(
      name: string,
      help: string,
      read: () => Promise<number | Record<string, number>>,
      label?: string,
    ) {
      new Gauge({
        name: `quartet_${name}`,
        help,
        labelNames: label === undefined ? [] : [label],
        registers,
        async collect() {
          // A reset gauge without a label would read 0.
          if (label === undefined) this.remove();
          else this.reset();
          const values = await inTime(read()).catch(() => undefined);
          if (typeof values === 'number') this.set(values);
          else
            for (const [key, value] of Object.entries(values ?? {})) this.set({ [label ?? '']: key }, value);
        },
      });
    },
  };
}

function inTime<T>(value: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('not in time')), READ_WITHIN_MS);
  return Promise.race([value, promise]).finally(() => clearTimeout(timer));
}

/** Adds the metrics of Node and the system, and `quartet_ready`, the result of `/health/ready`. */
export function observeProcess(registry: Registry, health: () => Promise<{ problems: string[] }>): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'quartet_ready',
    help: '1 while the process should be sent requests',
    registers: [registry],
    async collect() {
      const isReady = await health().then(
        ({ problems }) => problems.length === 0,
        () => false,
      );
      this.set(isReady ? 1 : 0);
    },
  });
}
