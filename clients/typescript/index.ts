export {
  createQuartetClient,
  type QuartetClient,
  type QuartetClientOptions,
} from './quartet-client/create-quartet-client.ts';
export type { EndReason, LiveOptions, LiveState, ResetReason } from './quartet-client/live/live-options.ts';
export { QuartetError } from './quartet-client/quartet-error.ts';
export type { SignedOut } from './quartet-client/session.ts';
export type { LiveEvent } from './src/events/index.ts';
export * from './src/index.ts';
