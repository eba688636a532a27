import { describe, expect, it } from 'vitest';
import { parseCalls, parseFindings } from './read-reports.ts';

const report = {
  schemathesis_version: '4',
  complete: true,
  stop_reason: 'completed',
  operations: { total: 3, tested: 3, skipped: 0 },
  phases: { fuzzing: { status: 'failure', skip_reason: null }, stateful: { status: 'success' } },
  failures: [
    {
      type: 'JsonSchemaError',
      title: 'Response violates schema',
      count: 7,
      operations: ['GET /a', 'Stateful tests'],
    },
  ],
  errors: [],
};
const findings = (changed: object) => parseFindings(JSON.stringify({ ...report, ...changed }));

describe("schemathesis's report", () => {
  it('names each operation that failed a check', () => {
    expect(findings({})).toEqual({
      failures: [
        { operation: 'GET /a', title: 'Response violates schema' },
        { operation: 'Stateful tests', title: 'Response violates schema' },
      ],
      gaps: [],
    });
  });

  it.each([
    [{ operations: null }, 'it found no operation'],
    [{ operations: { total: 3, tested: 2 } }, 'it tested 2 of 3 operations'],
    [{ stop_reason: 'interrupted' }, 'it stopped early: interrupted'],
    [{ complete: false, stop_reason: 'error' }, 'it stopped early: error'],
    [{ errors: [{ title: 'Network Error', count: 2 }] }, 'Network Error (2 times)'],
    [{ phases: { stateful: { status: 'skip' } } }, 'phase stateful: skip'],
  ])('is not clean with %j', (changed, gap) => {
    expect(findings({ failures: [], ...changed })).toEqual({ failures: [], gaps: [gap] });
  });

  it('must be a valid report', () => {
    expect(() => parseFindings('{}')).toThrow('complete');
    expect(() => parseCalls('[{"method":"GET"}]')).toThrow('path');
  });
});
