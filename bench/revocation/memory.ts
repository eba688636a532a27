import * as z from 'zod';
import { runChild } from '../child.ts';
import { megabytes, type Row } from '../figures.ts';
import type { Kind } from './entries.ts';

const measured = z.object({
  heapBytes: z.number(),
  residentBytes: z.number(),
  longestPut: z.number(),
  nothingOver: z.number(),
  allOver: z.number(),
});

export async function measureMemory(kind: Kind, entries: number, signal: AbortSignal): Promise<Row[]> {
  const args = [kind, String(entries)];
  const { heapBytes, residentBytes, ...longest } = await runChild(
    'revocation/map-memory.ts',
    args,
    measured,
    signal,
  );
  const name = `${entries.toLocaleString('en')} ${kind}s`;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return [
    [
      `${name}: memory`,
      `${megabytes(heapBytes)} of heap, ${Math.round(heapBytes / entries)} bytes each; RSS +${megabytes(residentBytes)}`,
    ],
    [
      `${name}: longest hold-up`,
      `${ms(longest.longestPut)} adding, ${ms(longest.nothingOver)} sweeping, ${ms(longest.allOver)} when all are over`,
    ],
  ];
}
