export {
  createQuartetClient,
  type QuartetClient,
  type QuartetClientOptions,
} from './quartet-client/create-quartet-client.ts';
export { QuartetError } from './quartet-client/quartet-error.ts';
export type { SignedOut } from './quartet-client/session.ts';
export * from './src/index.ts';
