import * as z from 'zod';

const call = z.object({
  method: z.string(),
  path: z.string(),
  status: z.number(),
  count: z.number(),
});
export type Call = z.output<typeof call>;

const report = z.object({
  complete: z.boolean(),
  stop_reason: z.string(),
  operations: z.object({ total: z.number(), tested: z.number() }).nullable(),
  phases: z.record(z.string(), z.object({ status: z.string() })).nullable(),
  failures: z.array(
    z.object({ type: z.string(), title: z.string(), count: z.number(), operations: z.array(z.string()) }),
  ),
  errors: z.array(z.object({ title: z.string(), count: z.number() })),
});

export type Findings = {
  failures: { operation: string; title: string }[];
  gaps: string[];
};

export const parseCalls = (text: string): Call[] => z.array(call).parse(JSON.parse(text));

export function parseFindings(text: string): Findings {
  const { complete, stop_reason, operations, phases, failures, errors } = report.parse(JSON.parse(text));
  const gaps = errors.map(({ title, count }) => `${title} (${count} times)`);
  if (!complete || stop_reason !== 'completed') gaps.push(`it stopped early: ${stop_reason}`);
  if (operations === null) gaps.push('it found no operation');
  else if (operations.tested < operations.total)
    gaps.push(`it tested ${operations.tested} of ${operations.total} operations`);
  for (const [phase, { status }] of Object.entries(phases ?? {}))
    if (status !== 'success' && status !== 'failure') gaps.push(`phase ${phase}: ${status}`);
  return {
    failures: failures.flatMap(({ operations, title }) =>
      operations.map((operation) => ({ operation, title })),
    ),
    gaps,
  };
}
