import { expect, test } from 'vitest';
import { descriptions } from '../../services/services.ts';
import { UsageError } from '../command-line.ts';
import { planPorts } from '../stack/ports.ts';
import { freePort, parseNames } from './names.ts';

/** Services that were made by the command are left out. */
const { gateway, auth, items, notifier } = descriptions;
const first = { gateway, auth, items, notifier };
const namesOf = (plural: string, singular?: string) => parseNames(plural, singular, first);

test.each([
  ['notes', 'note'],
  ['time-entries', 'time-entry'],
  ['boxes', 'box'],
  ['addresses', 'address'],
  ['houses', 'house'],
  ['days', 'day'],
])('given %s, then one thing of it is %s', (plural, singular) => {
  expect(namesOf(plural)).toEqual({ plural, singular });
});

test('given a plural without a rule, then its singular is required, and used', () => {
  expect(() => namesOf('people')).toThrow(/"people" is no plural; .* --singular/);
  expect(namesOf('people', 'person')).toEqual({ plural: 'people', singular: 'person' });
});

test.each([
  ['Notes', 'no name in kebab-case'],
  ['my_notes', 'no name in kebab-case'],
  ['notes-', 'no name in kebab-case'],
  ['1notes', 'no name in kebab-case'],
  ['', 'no name in kebab-case'],
  ['n'.repeat(33), 'no name in kebab-case'],
  ['note', 'no plural'],
  ['glass', 'no plural'],
  ['items', 'taken: services/items'],
  ['users', 'taken: /users is a path of auth'],
  ['emails', 'taken: /emails is a path of notifier'],
  ['line-items', 'reserved'],
  ['docs', 'reserved'],
  ['classes', 'reserved: it is a word of TypeScript'],
])('given the name %j, then it is refused as %s', (name, reason) => {
  expect(() => namesOf(name)).toThrow(UsageError);
  expect(() => namesOf(name)).toThrow(reason);
});

test('given several new services, then none gets a port of another, of more items or of the inbox', () => {
  const table = { ...first };
  const taken = planPorts(8000, 16);
  const others = [...taken.items.map(({ port }) => port), taken.mail.http];
  const made: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    const port = freePort(table);
    made.push(port);
    Object.assign(table, { [`service-${n}`]: { ...items, port } });
  }
  expect(new Set(made).size).toBe(30);
  expect(made[0]).toBe(8004);
  expect(made.filter((port) => others.includes(port))).toEqual([]);
});
