import { ConfigError } from '@quartet/common/config/config.ts';
import { UsageError } from '../command-line.ts';
import { EnginesMissing, WrongHash, WrongSetting } from '../engines/index.ts';
import { parseArguments, usage } from './args.ts';
import { StackError } from './errors.ts';
import { createOutput } from './output.ts';
import { type LaunchOptions, runStack } from './run-stack.ts';

export async function launch(argv: string[], options: LaunchOptions): Promise<number> {
  const { stdout, stderr } = options;
  const output = createOutput({ stdout, stderr }, options.env);
  try {
    const asked = parseArguments(argv);
    if (asked.help) {
      stdout.write(`${usage}\n`);
      return 0;
    }
    return await runStack(asked, output, options);
  } catch (err) {
    if (err instanceof UsageError) {
      stderr.write(`${err.message}\nSee npm start -- --help\n`);
      return 2;
    }
    if (isForPerson(err)) {
      output.say('fatal', 'not started', { reason: err.message }, err.message);
      return 1;
    }
    throw err;
  }
}

/** Any other error is a bug of ours and keeps its stack trace. */
const isForPerson = (err: unknown): err is Error =>
  [StackError, ConfigError, EnginesMissing, WrongHash, WrongSetting].some((type) => err instanceof type);
