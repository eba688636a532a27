/** A call of the generated client, such as `ItemsService.readItems`. */
export type Operation = (options: never) => Promise<{ data?: unknown; error?: unknown; response?: Response }>;

/** This client decides these itself. */
type Decided = 'auth' | 'baseUrl' | 'client' | 'responseStyle' | 'security' | 'throwOnError';

type Given<F extends Operation> = Omit<NonNullable<Parameters<F>[0]>, Decided>;

export type OperationArguments<F extends Operation> = undefined extends Parameters<F>[0]
  ? [options?: Given<F>]
  : [options: Given<F>];

export type OperationData<F extends Operation> = NonNullable<Awaited<ReturnType<F>>['data']>;

export const signalOf = (options: object | undefined): AbortSignal | undefined =>
  options && 'signal' in options && options.signal instanceof AbortSignal ? options.signal : undefined;
