import * as z from 'zod/mini';
import { common } from '#texts/common.ts';

// The policy of the page forbids the code that zod would make at run time, and the attempt counts as a violation.
z.config({ jitless: true });

/** As in the API: lengths are those of Unicode code points. */
const length = (least: number, most: number) => [
  z.refine<string>(
    (text) => [...text].length >= least,
    least === 1 ? common.required : common.tooShort(least),
  ),
  z.refine<string>((text) => [...text].length <= most, common.tooLong(most)),
];

/** The rules of the API, as far as a browser can tell without asking it. */
export const fields = {
  email: z.string().check(z.trim(), z.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, common.email), ...length(1, 255)),
  password: z.string().check(...length(8, 128)),
  /** Of a login: an old one may not fit today's rules. */
  anyPassword: z.string().check(...length(1, 10_000)),
  fullName: z.string().check(...length(0, 255)),
  title: z.string().check(...length(1, 255)),
  description: z.string().check(...length(0, 255)),
};
