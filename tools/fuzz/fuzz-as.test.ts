import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Answer, createClient } from '../../tests/support/client.ts';
import { runAuth, runGateway, runItems, runNotifier } from '../../tests/support/services.ts';
import { startTestbed, type Testbed } from '../../tests/support/testbed.ts';
import type { Caller } from './arguments.ts';
import { control } from './control.ts';
import { fuzzAs } from './fuzz-as.ts';

/** This fake Python writes the reports of a test, or does what `FAKE_DO` says. */
const FAKE = `#!${process.execPath}
const { writeFileSync } = require('node:fs');
const { argv, env } = process;
const { FUZZ_API, FUZZ_TOKEN, FUZZ_CALLS, FAKE_DO, FAKE_REPORT } = env;
const settings = Object.fromEntries(Object.entries(env).filter(([name]) => /^FUZZ_|^PYTHON/.test(name)));
writeFileSync('started.json', JSON.stringify({ args: argv.slice(2), settings }));
if (FAKE_DO === 'crash') { console.error('ImportError: no such module'); process.exit(3); }
const ended = FAKE_DO === 'delete the caller'
  ? fetch(FUZZ_API + '/users/me', { method: 'DELETE', headers: { authorization: 'Bearer ' + FUZZ_TOKEN } })
  : Promise.resolve();
ended.then(() => {
  writeFileSync(FUZZ_CALLS, JSON.stringify([{ method: 'GET', path: '/api/v1/users/me', status: 200, count: 2 }]));
  writeFileSync(argv[argv.indexOf('--report-json-path') + 1], FAKE_REPORT);
});
`;
const clean = {
  complete: true,
  stop_reason: 'completed',
  operations: { total: 1, tested: 1 },
  phases: {},
  failures: [],
  errors: [],
};
const report = { progress: () => {}, notice: () => {} };
const admin = { email: 'admin@example.com', password: 'changethis' };
const inbox = 'http://localhost:8025';

let bed: Testbed;
let origin: string;
let folder: string;

beforeAll(async () => {
  bed = await startTestbed();
  const auth = await runAuth(bed);
  const items = await runItems(bed, auth);
  const notifier = await runNotifier(bed, auth);
  const addresses = { AUTH_URL: auth.url, ITEMS_URL: items.url, NOTIFIER_URL: notifier.url };
  origin = (await runGateway(bed, addresses)).url;
  folder = await mkdtemp(join(tmpdir(), 'quartet-fuzz-'));
  await writeFile(join(folder, 'python'), FAKE, { mode: 0o755 });
});
afterAll(async () => {
  await bed.stop();
  await rm(folder, { recursive: true });
});

const schemathesis = (env: NodeJS.ProcessEnv = {}) => ({
  command: join(folder, 'python'),
  path: '/where/schemathesis/is',
  env: { ...process.env, FAKE_REPORT: JSON.stringify(clean), ...env },
});
const fuzz = (caller: Caller, env: NodeJS.ProcessEnv = {}) =>
  fuzzAs(
    caller,
    origin,
    { examples: 7, seed: 42, admin, inbox, verifies: false },
    schemathesis(env),
    folder,
    report,
  );
const written = (caller: Caller, name: string) => readFile(join(folder, 'reports', caller, name), 'utf8');
const started = z.object({ args: z.array(z.string()), settings: z.record(z.string(), z.string()) });

describe('a run', () => {
  it('with few successful calls is a finding, even if schemathesis has none', async () => {
    const { calls, reached, operations, problems } = await fuzz('user');
    expect({ calls, reached }).toEqual({ calls: 2, reached: 1 });
    expect(operations).toBeGreaterThan(20);
    expect(problems).toContain('GET /items/{id}: never succeeded (not called)');
    expect(problems).toContain('GET /items/{id}: only 0 calls');
    expect(problems).not.toContain('GET /users/: never succeeded (not called)');
  });

  it('that destroyed its own account is a finding', async () => {
    const { problems } = await fuzz('user', { FAKE_DO: 'delete the caller' });
    expect(problems.at(-1)).toContain("the caller's token does not work any more: 404");
  });

  it('lists the findings of schemathesis first', async () => {
    const failures = [{ type: '', title: 'Server error', count: 1, operations: ['GET /api/v1/items/'] }];
    const { problems } = await fuzz('anonymous', { FAKE_REPORT: JSON.stringify({ ...clean, failures }) });
    expect(problems[0]).toBe('GET /api/v1/items/: Server error');
  });

  it('without a report is an error with the output', async () => {
    await expect(fuzz('anonymous', { FAKE_DO: 'crash' })).rejects.toThrow(/ended with 3 .*ImportError/s);
  });
});

describe('schemathesis', () => {
  it('given options, then schemathesis gets the document and the numbers, and runs every check and phase', async () => {
    await fuzz('anonymous');
    const { args, settings } = started.parse(JSON.parse(await written('anonymous', 'started.json')));
    expect(args.join(' ')).toContain(`run ${origin}/api/v1/openapi.json --max-examples 7 --seed 42`);
    expect(args.join(' ')).not.toMatch(/--(exclude|phases|checks|mode)/);
    expect(settings).toMatchObject({ FUZZ_CALLER: 'anonymous', FUZZ_TOKEN: '', FUZZ_INBOX: inbox });
    expect(settings.PYTHONPATH).toContain('/where/schemathesis/is');
    const config = await written('anonymous', 'schemathesis.toml');
    expect(config).not.toMatch(/^\[auth\.wfc\]|enabled = false\n\n\[checks|checks\.\w+\.enabled/m);
  });

  it('calls as a superuser that is not the first one, whose objects the bystander must not see', async () => {
    await fuzz('superuser');
    const { settings } = started.parse(JSON.parse(await written('superuser', 'started.json')));
    const client = createClient(`${origin}/api/v1`);
    const self = await client('GET', '/users/me', { token: settings.FUZZ_TOKEN });
    expect(self.body).toMatchObject({ is_superuser: true, email: expect.stringContaining('fuzz-') });
    const keeper = await client('GET', '/users/me', { token: settings.FUZZ_KEEPER_TOKEN });
    expect(keeper.body).toMatchObject({ email: admin.email });
    const idOf = ({ body }: Answer) => z.object({ id: z.string() }).parse(body).id;
    expect(settings).toMatchObject({ FUZZ_SELF: idOf(self), FUZZ_KEEPER: idOf(keeper) });
    expect(settings.FUZZ_BYSTANDER).toMatch(/^[0-9a-f]{24} fuzz-\w+@example\.com$/);
    expect(await written('superuser', 'schemathesis.toml')).toContain('peers = ["superuser", "bystander"]');
  });
});

describe('the control', () => {
  it('fails when schemathesis finds nothing in a faulty server', async () => {
    const doubts = await control(schemathesis(), folder, report);
    expect(doubts).toContain('not found: GET /status: Undocumented status code');
    expect(doubts).toContain('not found: GET /body: Response violates schema');
    expect(doubts).toContain('not found: Stateful tests: Created resource not found');
  });
});
