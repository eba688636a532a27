import type { EventHandler } from '../events/consumer/event-handler.ts';
import type { EventType } from '../events/contracts.ts';

/** What everything that runs, configures or deploys a service has to know of it. */
export type ServiceDescription = {
  /** Where it listens unless PORT says otherwise. */
  port: number;
  /** Beginnings of its paths below `/api/v1`, as in `/items`: the gateway takes no other path from it. */
  paths: readonly string[];
  /** Its collections in the database, which no other service reads; none when it has no database. */
  collections: readonly string[];
  /** Settings that are secrets of its own, beside its passwords at the broker and the database. */
  secrets: readonly string[];
  /** The events that it acts on. What it produces stands in the events' contracts. */
  consumes: readonly EventType[];
};

/** One handler for each event that a service of this description consumes, and no other. */
export type HandlersOf<D extends ServiceDescription> = {
  [T in D['consumes'][number]]: EventHandler<T>;
};

const FROM_PUBLIC_TO_PRIVATE = 1_000;

/** The port of health and metrics that goes with a public one. */
export const privatePortOf = (port: number): number => port + FROM_PUBLIC_TO_PRIVATE;

/** A service's name as settings spell it: `TIME_ENTRIES` of `time-entries`. */
export type SettingName<N extends string> = N extends `${infer Head}-${infer Rest}`
  ? `${Uppercase<Head>}_${SettingName<Rest>}`
  : Uppercase<N>;

/** The value of {@link SettingName}. */
export const settingName = <const N extends string>(service: N): SettingName<N> =>
  service.toUpperCase().replaceAll('-', '_') as SettingName<N>;

/** The setting that says where a service is: `ITEMS_URL` of `items`. */
export const addressSetting = <const N extends string>(service: N): `${SettingName<N>}_URL` =>
  `${settingName(service)}_URL`;

/** An object with a value for each name. */
export function recordOf<const N extends string, V>(
  names: readonly N[],
  value: (name: N) => V,
): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<N, V>;
}
