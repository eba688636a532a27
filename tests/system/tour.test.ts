import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partsOf, ROOT, textOf } from '../document/markdown.ts';
import { type Stack, startStack } from './stack.ts';

/** The commands run in one shell, against a stack that is started as the tour says. */

const LINE_WITHIN_MS = 20_000;
const DEFAULT_PORT = 8000;

type Step = { line: string; shown: string | undefined };

function readTour(): Step[] {
  const [, afterHeading = ''] = textOf('README.md').split('\n## A tour\n');
  const [tour = ''] = afterHeading.split('\n## ');
  const steps: Step[] = [];
  let open = '';
  for (const line of partsOf(tour).blocks.flatMap(({ text }) => text.split('\n'))) {
    const last = steps.at(-1);
    if (open === '' && line.startsWith('# ') && last) last.shown = line.slice(2);
    else {
      open += open === '' ? line : `\n${line}`;
      if (!isWhole(open)) continue;
      steps.push({ line: open, shown: undefined });
      open = '';
    }
  }
  return steps;
}

/** Returns whether bash needs no further line. */
function isWhole(command: string): boolean {
  try {
    execFileSync('bash', ['-n', '-c', command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Only reads are repeated until an e-mail, an event or a dead letter has arrived. */
const isRead = ({ line }: Step): boolean =>
  /^(\w+=\$\()?(curl|mail|cat) /.test(line) && !/ -X | -d /.test(line);

describe.skipIf(process.env.NATS_URL)('the tour of README.md', () => {
  const steps = readTour();
  let stack: Stack;
  let shell: ChildProcess;

  beforeAll(async () => {
    // The tour names subjects of the broker without a namespace.
    stack = await startStack(['--items', '2'], { NATS_NAMESPACE: '' });
    shell = spawn('bash', [], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  });
  afterAll(async () => {
    shell?.stdin?.end();
    await stack?.stop();
  });

  const here = (line: string): string => {
    const shift = Number(new URL(stack.api).port) - DEFAULT_PORT;
    return line
      .replaceAll(/localhost:(\d+)/g, (_, port: string) => `127.0.0.1:${Number(port) + shift}`)
      .replaceAll('.data/', join(stack.dataDir, '/'));
  };

  async function run(line: string): Promise<string> {
    const variable = /^(\w+)=\$\(/.exec(line)?.[1];
    const end = `end-${Math.random()}`;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let said = '';
    const read = (chunk: Buffer) => {
      said += chunk.toString();
      const [output, code] = said.split(end);
      if (code === undefined || !code.includes('\n')) return;
      if (code.trim() === '0') resolve(output?.trim() ?? '');
      else reject(new Error(`${line} ended with ${code.trim()}: ${output}`));
    };
    const timer = setTimeout(() => reject(new Error(`${line} did not end: ${said}`)), LINE_WITHIN_MS);
    shell.stdout?.on('data', read);
    const shown = variable ? `\nprintf %s "$${variable}"` : '';
    shell.stdin?.write(`${here(line)}\ncode=$?${shown}\nprintf '%s%s\\n' ${end} $code\n`);
    return promise.finally(() => {
      clearTimeout(timer);
      shell.stdout?.off('data', read);
    });
  }

  test('given the README, then the tour has its commands', () => {
    expect(steps.filter(({ shown }) => shown).length).toBeGreaterThan(12);
    expect(textOf('README.md')).toContain('npm start -- --items 2');
  });

  test.each(steps)('given $line, then its output is $shown', async (step) => {
    const { line, shown } = step;
    const isAssignment = /^\w+=\$\(/.test(line);
    const wanted = shown === undefined ? (isAssignment ? /./ : /^$/) : patternOf(shown);
    if (isRead(step)) await expect.poll(() => run(line), { timeout: LINE_WITHIN_MS }).toMatch(wanted);
    else expect(await run(line)).toMatch(wanted);
  });
});

/** `...` matches any text. */
const patternOf = (shown: string): RegExp =>
  new RegExp(
    `^${shown
      .split('...')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*')}$`,
  );
