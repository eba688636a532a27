import { isDeepStrictEqual } from 'node:util';
import { allows, type Keywords, typesOf, valuesOf } from './schema-keywords.ts';

/** No program can tell whether one of two patterns allows less than the other. */
const sameOnly = [
  ['string', 'pattern'],
  ['string', 'contentEncoding'],
  ['string', 'contentMediaType'],
  ['number', 'multipleOf'],
] as const;
const leastSizes = [
  ['string', 'minLength'],
  ['array', 'minItems'],
  ['object', 'minProperties'],
] as const;
const greatestSizes = [
  ['string', 'maxLength'],
  ['array', 'maxItems'],
  ['object', 'maxProperties'],
] as const;

const quoted = (values: unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');

export function typeChanges(path: string, was: Keywords, is: Keywords): string[] {
  const [before, now] = [typesOf(was), typesOf(is)];
  if (before === undefined) return [];
  if (now === undefined) return [`${path}: was ${before.join(' or ')}, may be anything now`];
  const known = before.includes('number') ? [...before, 'integer'] : before;
  const added = now.filter((type) => !known.includes(type));
  if (added.length === 0) return [];
  if (added.every((type) => type === 'null')) return [`${path}: may be null now`];
  return [`${path}: was ${before.join(' or ')}, is ${now.join(' or ')} now`];
}

export function valueChanges(path: string, was: Keywords, is: Keywords): string[] {
  const [before, now] = [valuesOf(was), valuesOf(is)];
  if (before === undefined) return [];
  if (now === undefined) return [`${path}: was one of ${quoted(before)}, is not limited to them now`];
  const added = now.filter((value) => !before.some((old) => isDeepStrictEqual(old, value)));
  return added.length === 0 ? [] : [`${path}: may be ${quoted(added)} now, was one of ${quoted(before)}`];
}

export function limitChanges(path: string, was: Keywords, is: Keywords): string[] {
  const changes: string[] = [];
  const report = (what: string, before: unknown, now: unknown) =>
    changes.push(`${path}: ${what} was ${before}, is ${now === undefined ? 'gone' : `${now} now`}`);
  if (was.format !== undefined && was.format !== is.format) report('format', was.format, is.format);
  for (const [kind, keyword] of sameOnly) {
    if (!allows(is, kind) || was[keyword] === undefined || was[keyword] === is[keyword]) continue;
    report(keyword, was[keyword], is[keyword]);
  }
  for (const [kind, keyword] of leastSizes) {
    if (allows(is, kind) && (was[keyword] ?? 0) > (is[keyword] ?? 0))
      report(keyword, was[keyword], is[keyword]);
  }
  for (const [kind, keyword] of greatestSizes) {
    const [before, now] = [was[keyword] ?? Number.POSITIVE_INFINITY, is[keyword] ?? Number.POSITIVE_INFINITY];
    if (allows(is, kind) && before < now) report(keyword, was[keyword], is[keyword]);
  }
  if (!allows(is, 'number')) return changes;
  const [low, lowNow] = [lowEnd(was), lowEnd(is)];
  if (reachesBelow(low, lowNow)) report('least value', said(low, 'above'), said(lowNow, 'above'));
  const [high, highNow] = [highEnd(was), highEnd(is)];
  if (reachesBelow(mirrored(high), mirrored(highNow)))
    report('greatest value', said(high, 'below'), said(highNow, 'below'));
  return changes;
}

type End = { value: number; included: boolean };

const lowEnd = ({ minimum, exclusiveMinimum }: Keywords): End =>
  tighter({ value: minimum ?? Number.NEGATIVE_INFINITY, included: true }, exclusiveMinimum);

const highEnd = ({ maximum, exclusiveMaximum }: Keywords): End =>
  mirrored(
    tighter(
      { value: -(maximum ?? Number.POSITIVE_INFINITY), included: true },
      exclusiveMaximum === undefined ? undefined : -exclusiveMaximum,
    ),
  );

const tighter = (end: End, excluded: number | undefined): End =>
  excluded !== undefined && excluded >= end.value ? { value: excluded, included: false } : end;

const mirrored = ({ value, included }: End): End => ({ value: -value, included });

const reachesBelow = (was: End, is: End): boolean =>
  is.value < was.value || (is.value === was.value && is.included && !was.included);

const said = ({ value, included }: End, side: string): string | undefined => {
  if (!Number.isFinite(value)) return undefined;
  return included ? `${value}` : `${side} ${value}`;
};
