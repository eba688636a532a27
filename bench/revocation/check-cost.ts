import * as z from 'zod';
import { runChild } from '../child.ts';
import { least, type Row, ratio } from '../figures.ts';

const rounds = z.array(z.number());
const calls = z.object({ none: rounds, empty: rounds, full: rounds });

export async function measureCalls(entries: number, signal: AbortSignal): Promise<Row[]> {
  const { none, empty, full } = await runChild('revocation/check-calls.ts', [String(entries)], calls, signal);
  const each = (nanoseconds: number[]) => `${least(nanoseconds).toFixed(0)} ns`;
  return [
    ['call: route for anyone', each(none)],
    ['call: nothing revoked', `${each(empty)}, ${ratio(empty, none)} times no check`],
    [
      `call: ${entries.toLocaleString('en')} revoked`,
      `${each(full)}, ${ratio(full, none)} times no check, ${ratio(full, empty)} times nothing revoked`,
    ],
  ];
}
