import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '@quartet/common/config/config.ts';
import { addressSetting, recordOf, settingName } from '@quartet/common/service/description.ts';
import { upstreamNames } from '../../services/services.ts';
import { StackError } from './errors.ts';
import { settingsFor } from './service-settings.ts';
import { SERVICES } from './service-specs.ts';

const GIVEN = recordOf(['PORT', 'PRIVATE_PORT', 'HOST', ...upstreamNames.map(addressSetting)], () => '');
const SECRET_KEY = 'made by the launcher when none is set';

/** Makes every service check its settings. @throws {StackError} with every mistake */
export async function checkSettings(services: string, env: NodeJS.ProcessEnv): Promise<void> {
  const mistakes = new Set<string>();
  for (const service of SERVICES) {
    const file = join(services, service, 'src', 'config.ts');
    if (!existsSync(file)) continue;
    const { loadConfig } = await import(pathToFileURL(file).href);
    try {
      loadConfig({ SECRET_KEY, ...settingsFor(service, env), ...GIVEN });
    } catch (err) {
      if (!(err instanceof ConfigError)) throw err;
      for (const line of err.message.split('\n').slice(1)) mistakes.add(asWritten(service, line, env));
    }
  }
  if (mistakes.size > 0) throw new StackError(['The settings are wrong:', ...mistakes].join('\n'));
}

function asWritten(service: string, line: string, env: NodeJS.ProcessEnv): string {
  return line.replace(/^ {2}(\w+):/, (all, name: string) => {
    const own = `${name}_${settingName(service)}`;
    return env[own] === undefined ? all : `  ${own}:`;
  });
}
