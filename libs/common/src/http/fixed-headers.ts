/** The headers that every answer of an app has. */
export type FixedHeaders = {
  /** Lower-case names and their values come in turn. */
  list: readonly string[];
  /** It says where in the list the value of a name is. */
  places: ReadonlyMap<string, number>;
};

/** Makes {@link FixedHeaders}; `headers` have lower-case names. */
export function fixHeaders(headers: readonly (readonly [name: string, value: string])[]): FixedHeaders {
  return { list: headers.flat(), places: new Map(headers.map(([name], at) => [name, 2 * at + 1])) };
}
