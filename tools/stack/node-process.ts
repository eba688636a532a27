/**
 * How much V8 and malloc keep for themselves: docs/performance.md has what each saves and costs. A limit of the heap is
 * not among them, since V8 derives one from the memory of the machine or container. The images have the same.
 */
export const NODE_FLAGS: readonly string[] = [
  '--expose-gc',
  '--max-semi-space-size=8',
  '--heap-growing-percent=100',
];
export const MALLOC_SETTINGS: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
