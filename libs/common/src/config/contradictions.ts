import * as z from 'zod';

/** Settings that say nothing wrong each by itself. */
type Together = {
  PORT: number;
  PRIVATE_PORT: number;
  EVENT_RETRY_FIRST_SECONDS: number;
  EVENT_RETRY_LONGEST_SECONDS: number;
  SMTP_USER?: string | undefined;
  SMTP_PASSWORD?: string | undefined;
};

/** A zod check for a whole configuration: what cannot work together, named by the setting to change. */
export function refuseContradictions<E extends Together>() {
  const check = z.check<E>(({ value, issues }) => {
    const refuse = (name: keyof Together, message: string) =>
      issues.push({ code: 'custom', input: undefined, path: [name], message });
    if (value.PORT !== 0 && value.PORT === value.PRIVATE_PORT) {
      refuse('PRIVATE_PORT', 'must be another than PORT');
    }
    if (value.EVENT_RETRY_FIRST_SECONDS > value.EVENT_RETRY_LONGEST_SECONDS) {
      refuse('EVENT_RETRY_FIRST_SECONDS', 'must not be longer than EVENT_RETRY_LONGEST_SECONDS');
    }
    if (value.SMTP_PASSWORD !== undefined && value.SMTP_USER === undefined) {
      refuse('SMTP_USER', 'is needed with SMTP_PASSWORD');
    }
  });
  // What is no number yet cannot be compared.
  check._zod.def.when = ({ issues }) => issues.length === 0;
  return check;
}
