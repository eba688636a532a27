import type { EventHandler } from '../events/consumer/event-handler.ts';
import type { EventType } from '../events/contracts.ts';

export type ServiceDescription = {
  /** The default of PORT. */
  port: number;
  /** Beginnings of paths below `/api/v1`, such as `/items`; the gateway forwards no others. */
  paths: readonly string[];
  /** No other service reads these collections. */
  collections: readonly string[];
  /** Its own secrets, without its passwords at the broker and the database. */
  secrets: readonly string[];
  consumes: readonly EventType[];
};

export type HandlersOf<D extends ServiceDescription> = {
  [T in D['consumes'][number]]: EventHandler<T>;
};

const FROM_PUBLIC_TO_PRIVATE = 1_000;

/** Returns the port of health and metrics. */
export const privatePortOf = (port: number): number => port + FROM_PUBLIC_TO_PRIVATE;

/** `TIME_ENTRIES` for `time-entries`. */
export type SettingName<N extends string> = N extends `${infer Head}-${infer Rest}`
  ? `${Uppercase<Head>}_${SettingName<Rest>}`
  : Uppercase<N>;

/** Returns a service's name as settings spell it. */
export const settingName = <const N extends string>(service: N): SettingName<N> =>
  service.toUpperCase().replaceAll('-', '_') as SettingName<N>;

/** Names the setting of a service's address, such as `ITEMS_URL`. */
export const addressSetting = <const N extends string>(service: N): `${SettingName<N>}_URL` =>
  `${settingName(service)}_URL`;

/** Makes an object with a value for each name. */
export function recordOf<const N extends string, V>(
  names: readonly N[],
  value: (name: N) => V,
): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<N, V>;
}
