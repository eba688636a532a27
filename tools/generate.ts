import { join } from 'node:path';
import { startStack } from '../tests/system/stack.ts';
import { runCommand } from './command-line.ts';
import { publishContracts } from './contracts/publish-contracts.ts';
import { parseArguments, usage } from './generate/arguments.ts';
import { compareFiles, describeDifference, writeFiles } from './generate/compare.ts';
import { reviewPublished } from './generate/contracts.ts';
import type { Files } from './generate/files.ts';
import { generateFiles, generatorSettings } from './generate/generate-files.ts';

const root = join(import.meta.dirname, '..');
const report = (step: string): void => console.error(step);

async function fromOwnStack(signal: AbortSignal): Promise<Files> {
  report('starting a stack');
  const stack = await startStack([], generatorSettings, signal);
  try {
    return await generateFiles(stack.api, report, signal);
  } finally {
    report('stopping the stack');
    await stack.stop();
  }
}

async function check(generated: Files): Promise<number> {
  const differences = (await compareFiles(root, generated)).map(describeDifference);
  const problems = [...differences, ...(await reviewPublished(root))];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) return 1;
  console.log(`all ${generated.size} generated files and the published event schemas are fresh`);
  return 0;
}

async function write(generated: Files): Promise<number> {
  for (const file of await publishContracts()) console.log(`published ${file}`);
  const changed = await writeFiles(root, generated);
  for (const { file, is } of changed)
    console.log(`${is === 'no longer generated' ? 'removed' : 'wrote'} ${file}`);
  console.log(`${changed.length} of ${generated.size} generated files changed`);
  return 0;
}

await runCommand('generate', {
  usage,
  parseOptions: parseArguments,
  interrupted: 'interrupted: nothing was written',
  async run(asked, signal) {
    const generated = await fromOwnStack(signal);
    signal.throwIfAborted();
    return (asked.check ? check : write)(generated);
  },
});
