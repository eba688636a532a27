import * as z from 'zod';

type Settings = {
  PORT: number;
  PRIVATE_PORT: number;
  EVENT_RETRY_FIRST_SECONDS: number;
  EVENT_RETRY_LONGEST_SECONDS: number;
};

/** A rule returns the mistake and the setting to change, or undefined. */
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

/** Makes a zod check that refuses settings that cannot work together; `own` are the service's rules. */
export function refuseContradictions<E extends Settings>(...own: SettingsRule<E>[]) {
  const check = z.check<E>(({ value, issues }) => {
    for (const rule of [...RULES, ...own]) {
      const found = rule(value);
      if (found)
        issues.push({ code: 'custom', input: undefined, path: [found.name], message: found.mistake });
    }
  });
  // A setting of the wrong type cannot be compared.
  check._zod.def.when = ({ issues }) => issues.length === 0;
  return check;
}
