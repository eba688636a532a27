import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sink } from '../../tests/support/sink.ts';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { levelName, parseEngineLine, parseServiceLine, renderJson, renderText } from './log-line.ts';
import { createOutput, openLogFile } from './output.ts';

const now = new Date(2026, 0, 2, 3, 4, 5);
const text = (line: string) => renderText(parseServiceLine(line), now);

describe('a line for a person', () => {
  it('shows time, level, message and the other fields of pino', () => {
    const line = { level: 30, time: now.getTime(), pid: 1, hostname: 'h', name: 'auth', msg: 'request done' };
    const fields = { method: 'GET', path: '/a b', status: 200, took: { ms: 3 }, ok: true };
    expect(text(JSON.stringify({ ...line, ...fields }))).toBe(
      '03:04:05 INFO  request done method=GET path="/a b" status=200 took={"ms":3} ok=true',
    );
  });

  it('shows an error as type and message; the stack trace is in the log file', () => {
    const err = { type: 'MongoError', message: 'no "luck"', stack: 'at ...' };
    expect(text(JSON.stringify({ level: 50, time: now.toISOString(), err, msg: 'failed' }))).toBe(
      '03:04:05 ERROR failed err="MongoError: no \\"luck\\""',
    );
    const plain = { message: 'm', stack: 's' };
    expect(text(JSON.stringify({ level: 60, err: plain }))).toBe('03:04:05 FATAL err="m"');
  });

  it('prints other text, but never control characters', () => {
    expect(text('    at main.ts:3')).toBe('03:04:05 INFO      at main.ts:3');
    expect(text('{ not json')).toBe('03:04:05 INFO  { not json');
    expect(text('{"msg":"a\\u001b[2Jb\\nc","time":"never"}')).toMatch(/INFO {2}a\\u001b\[2Jb\\nc$/);
  });

  it.each([
    [5, 'INFO '],
    [10, 'TRACE'],
    [20, 'DEBUG'],
    [35, 'INFO '],
    [40, 'WARN '],
    [100, 'FATAL'],
  ])('names level %i', (level, name) => {
    expect(levelName(level)).toBe(name);
  });
});

describe('a line for a machine', () => {
  it('is the JSON of the process with its name', () => {
    const line = parseServiceLine('{"level":30,"name":"items","msg":"hello"}');
    expect(JSON.parse(renderJson(line, 'items-2', now))).toEqual({
      process: 'items-2',
      level: 30,
      name: 'items',
      msg: 'hello',
    });
  });

  it('wraps other text', () => {
    expect(JSON.parse(renderJson(parseServiceLine('oh'), 'auth', now))).toEqual({
      level: 30,
      time: now.getTime(),
      process: 'auth',
      msg: 'oh',
    });
  });
});

describe('the level of an engine line', () => {
  it.each([
    ['[2026-11-23T02:01:18Z INFO  secantusd_rs] loaded', 30],
    ['[2026-11-23T02:01:18Z WARN  secantusd_rs] slow', 40],
    ['[2026-11-23T02:01:18Z ERROR secantusd_rs] broken', 50],
    ['[123] 2026/11/23 02:01:20.554898 [INF] ready', 30],
    ['[123] 2026/11/23 02:01:20.554898 [WRN] hm', 40],
    ['[123] 2026/11/23 02:01:20.554898 [WRN] Plaintext passwords detected, use nkeys or bcrypt', 30],
    ['[123] 2026/11/23 02:01:20.554898 [ERR] oh', 50],
    ['[123] 2026/11/23 02:01:20.554898 [FTL] end', 60],
    ['{"t":{},"s":"W","c":"CONTROL","msg":"Access control is not enabled"}', 40],
    ['{"t":{},"s":"I","c":"NETWORK","msg":"Waiting for connections"}', 30],
    ['secantusd-rs listening on 127.0.0.1:1', 30],
  ])('%s', (line, level) => {
    expect(parseEngineLine(line).level).toBe(level);
  });
});

/** Lines that arrived together are written together. */
const written = () => Promise.resolve();

describe('the console', () => {
  it('has one aligned prefix per process in a terminal, coloured unless NO_COLOR is set', async () => {
    const plain = new Sink(true);
    const output = createOutput({ stdout: plain, stderr: new Sink(true) }, { NO_COLOR: '1' });
    output.processLine('auth', 'services', '{"level":30,"time":0,"msg":"one"}');
    output.processLine('notifier', 'services', '{"level":40,"time":0,"msg":"two"}');
    await written();
    expect(plain.lines().map((line) => line.replace(/\d\d:\d\d:\d\d/, 'T'))).toEqual([
      'auth     | T INFO  one',
      'notifier | T WARN  two',
    ]);

    const coloured = new Sink(true);
    const bright = createOutput({ stdout: coloured, stderr: new Sink(true) }, {});
    bright.processLine('auth', 'services', '{"level":30,"msg":"one"}');
    bright.processLine('items', 'services', '{"level":40,"msg":"two"}');
    bright.processLine('auth', 'services', '{"level":50,"msg":"three"}');
    await written();
    const [one = '', two = '', three = ''] = coloured.lines();
    expect(one).toContain('\u001b[36mauth     |');
    expect(two).toContain('\u001b[35mitems    |');
    expect(two).toContain('\u001b[33m');
    expect(three).toContain('\u001b[36mauth     |');
    expect(three).toContain('\u001b[31m');
  });

  it('is JSON when it is no terminal; messages for a person go to stderr', () => {
    const [stdout, stderr] = [new Sink(), new Sink()];
    const output = createOutput({ stdout, stderr }, {});
    output.processLine('auth', 'services', 'plain');
    output.say('info', 'ready', { api: 'http://x' }, 'a table');
    output.say('info', 'stopped');
    const lines = stdout.lines().map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { process: 'auth', msg: 'plain' },
      { level: 30, name: 'stack', msg: 'ready', api: 'http://x' },
      { name: 'stack', msg: 'stopped' },
    ]);
    expect(stderr.lines()).toEqual(['a table', 'stopped']);
  });

  it('shows of engines only warnings and worse', async () => {
    const stdout = new Sink();
    const output = createOutput({ stdout, stderr: new Sink() }, {});
    output.processLine('broker', 'broker', '[1] 2026/11/23 02:01:20.5 [INF] Server is ready');
    output.processLine('broker', 'broker', '[1] 2026/11/23 02:01:20.5 [WRN] disk is slow');
    await written();
    expect(stdout.lines()).toHaveLength(1);
    expect(JSON.parse(stdout.text)).toMatchObject({ level: 40, process: 'broker' });
  });
});

describe('a log file', () => {
  it('is kept from the former run', async () => {
    const folder = await tempFolder();
    for (const line of ['first run', 'second run']) {
      const log = await openLogFile(folder, 'auth');
      log.write(line);
      await log.close();
    }
    expect(await readFile(join(folder, 'auth.log'), 'utf8')).toBe('second run\n');
    expect(await readFile(join(folder, 'auth.log.1'), 'utf8')).toBe('first run\n');
  });

  it('that cannot be written does no harm', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'auth.log'));
    await mkdir(join(folder, 'auth.log.1', 'full'), { recursive: true });
    const log = await openLogFile(folder, 'auth');
    log.write('lost');
    await log.close();
  });
});
