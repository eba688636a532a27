import * as z from 'zod';

/** Settings that may be right each by itself and wrong together. */
type Settings = {
  PORT: number;
  PRIVATE_PORT: number;
  EVENT_RETRY_FIRST_SECONDS: number;
  EVENT_RETRY_LONGEST_SECONDS: number;
};

/** A rule for several settings: the mistake, by the name of the setting to change; undefined when there is none. */
export type SettingsRule<E> = (env: E) => { name: keyof E & string; mistake: string } | undefined;

const RULES: SettingsRule<Settings>[] = [
  ({ PORT, PRIVATE_PORT }) =>
    PORT !== 0 && PORT === PRIVATE_PORT
      ? { name: 'PRIVATE_PORT', mistake: 'must be another than PORT' }
      : undefined,
  (env) =>
    env.EVENT_RETRY_FIRST_SECONDS > env.EVENT_RETRY_LONGEST_SECONDS
      ? {
          name: 'EVENT_RETRY_FIRST_SECONDS',
          mistake: 'must not be longer than EVENT_RETRY_LONGEST_SECONDS',
        }
      : undefined,
];

/**
 * A zod check for a whole configuration: settings that cannot work together.
 * @param own the service's rules, beside those of every process
 */
export function refuseContradictions<E extends Settings>(...own: SettingsRule<E>[]) {
  const check = z.check<E>(({ value, issues }) => {
    for (const rule of [...RULES, ...own]) {
      const found = rule(value);
      if (found)
        issues.push({ code: 'custom', input: undefined, path: [found.name], message: found.mistake });
    }
  });
  // A setting that is no number yet cannot be compared.
  check._zod.def.when = ({ issues }) => issues.length === 0;
  return check;
}
