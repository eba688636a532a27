import * as z from 'zod';
import type { Log } from '../process/logging.ts';
import { DEFAULT_SECRET } from './default-secrets.ts';
import { environments } from './fields.ts';

const LEAST_CHARACTERS = 32;
const LEAST_DIFFERENT = 8;
/** In random text, one character in twenty follows the one before in the alphabet. */
const SEQUENCE_SHARE = 0.8;

/** A placeholder has at least one letter in four characters. */
const LEAST_LETTERS = 4;

/** These keys are published in tutorials. */
const PUBLISHED = new Set(['09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7']);

const PLACEHOLDER_WORDS = [
  'qwertyuiop asdfghjkl zxcvbnm application characters development environment production password',
  'changed default example replace between backend quartet private signing change secret should string',
  'random please insert secure server access chars super token least bytes local this that your some',
  'very here long with must bits test auth keys safe the for and not use key jwt dev app bit top my is',
  'in me to be of at do or it a',
].flatMap((line) => line.split(' '));

/** Says why a secret could be guessed, without showing it; undefined for a good one. */
export function weaknessOf(secret: string): string | undefined {
  const characters = [...secret];
  if (characters.length < LEAST_CHARACTERS) return `has fewer than ${LEAST_CHARACTERS} characters`;
  if (isRepeated(characters)) return 'repeats itself';
  if (PUBLISHED.has(secret.toLowerCase()) || isSequence(secret) || isPlaceholder(secret))
    return 'is a common one';
  return undefined;
}

function isRepeated(characters: string[]): boolean {
  if (new Set(characters).size < LEAST_DIFFERENT) return true;
  for (let period = 1; period <= characters.length / 2; period += 1) {
    if (characters.every((one, at) => at < period || one === characters[at - period])) return true;
  }
  return false;
}

function isSequence(secret: string): boolean {
  const codes = [...secret].map((one) => one.codePointAt(0) ?? 0);
  const near = codes.filter((code, at) => at > 0 && Math.abs(code - (codes[at - 1] ?? 0)) <= 1);
  return near.length >= SEQUENCE_SHARE * codes.length;
}

function isPlaceholder(secret: string): boolean {
  const letters = secret.toLowerCase().replace(/[^\p{L}]/gu, '');
  // A random hexadecimal number has few letters, which may spell short words by chance.
  if (letters.length * LEAST_LETTERS < secret.length) return false;
  // Words may overlap: "bit secret" without its blank begins like "bits".
  const ends = new Set([0]);
  for (let at = 0; at < letters.length; at += 1) {
    if (!ends.has(at)) continue;
    for (const word of PLACEHOLDER_WORDS) if (letters.startsWith(word, at)) ends.add(at + word.length);
  }
  return ends.has(letters.length);
}

/** Lists the weak secrets with their reasons; "changethis" has its own check. */
export function weakSecrets<E>(env: E, names: (keyof E & string)[]): Record<string, string> {
  const weak: Record<string, string> = {};
  for (const name of names) {
    const secret = env[name];
    const weakness = typeof secret === 'string' && secret !== DEFAULT_SECRET ? weaknessOf(secret) : undefined;
    if (weakness !== undefined) weak[name] = weakness;
  }
  return weak;
}

/** Makes a zod check that refuses weak secrets outside `local`. */
export function refuseWeakSecrets<E extends { ENVIRONMENT: string }>(names: (keyof E & string)[]) {
  const check = z.check<E>((ctx) => {
    const environment = environments.safeParse(ctx.value.ENVIRONMENT).data ?? 'local';
    if (environment === 'local') return;
    for (const [name, weakness] of Object.entries(weakSecrets(ctx.value, names))) {
      const message = `${weakness}, which ENVIRONMENT ${environment} does not allow; make a random one`;
      ctx.issues.push({ code: 'custom', input: undefined, path: [name], message });
    }
  });
  // Without it zod skips the check when a variable is wrong already.
  check._zod.def.when = () => true;
  return check;
}

/** Logs which secrets are weak; only `local` allows any. */
export function warnOfWeakSecrets(weak: Record<string, string>, log: Log): void {
  if (Object.keys(weak).length > 0)
    log.warn({ variables: weak }, 'secrets are weak, and refused outside local');
}
