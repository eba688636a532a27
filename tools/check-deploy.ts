import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readOptions, runCommand } from './command-line.ts';

const usage = `Usage: npm run check:deploy

Checks what stands in deploy/ with the programs that it is for: promtool, kubectl and kubernetes-validate. What is not here
is skipped, and said.

  --help    this text

Exit code: 0 when nothing failed, else 1.`;

const root = join(import.meta.dirname, '..');
const KUBERNETES = 'deploy/kubernetes';

const checks: [program: string, ...args: string[]][] = [
  ['promtool', 'check', 'config', 'deploy/prometheus/prometheus.yml'],
  ['promtool', 'test', 'rules', 'deploy/prometheus/alerts-test.yml'],
  ['kubectl', 'kustomize', `${KUBERNETES}/base`],
  ['kubectl', 'kustomize', `${KUBERNETES}/overlays/example`],
  ['kubernetes-validate', '--strict', '--no-warn', '-'],
];

async function check(): Promise<number> {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  let rendered = '';

  for (const [program, ...args] of checks) {
    const { error, status, stdout, stderr } = spawnSync(program, args, {
      cwd: root,
      input: rendered,
      encoding: 'utf8',
    });
    const what = [program, ...args].join(' ');
    if (error) {
      tally.skipped += 1;
      console.log(`skipped: ${what} (${program} is not here)`);
    } else if (status !== 0) {
      tally.failed += 1;
      console.error(`failed: ${what}\n${stdout}${stderr}`);
    } else {
      tally.passed += 1;
      console.log(`passed: ${what}`);
      if (program === 'kubectl') rendered = stdout;
    }
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed > 0 ? 1 : 0;
}

await runCommand('check:deploy', { usage, parseOptions: (argv) => readOptions(argv, {}), run: check });
