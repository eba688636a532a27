import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cast } from './callers.ts';

export type Run = {
  cast: Cast;
  api: string;
  document: string;
  inbox: string | undefined;
  /** Whether the stack sends links that verify an address. */
  verifies: boolean;
  examples: number;
  seed: number;
  folder: string;
};

export function hookSettings(
  { cast, api, inbox, verifies }: Pick<Run, 'cast' | 'api' | 'inbox' | 'verifies'>,
  callsFile: string,
): NodeJS.ProcessEnv {
  const { caller, self, keeper, bystander } = cast;
  return {
    FUZZ_API: api,
    FUZZ_INBOX: inbox ?? '',
    FUZZ_VERIFIES: verifies ? 'yes' : '',
    FUZZ_CALLER: caller,
    FUZZ_SELF: self?.id ?? '',
    FUZZ_TOKEN: self?.token ?? '',
    FUZZ_KEEPER: keeper.id,
    FUZZ_KEEPER_TOKEN: keeper.token,
    FUZZ_BYSTANDER: `${bystander.id} ${bystander.email}`,
    FUZZ_CALLS: callsFile,
  };
}

/** Only a file of identities lets schemathesis try the bystander on what the caller owns. */
export async function writeConfig(folder: string, { caller, self, bystander }: Cast): Promise<string> {
  const file = join(folder, 'schemathesis.toml');
  const common = await readFile(join(import.meta.dirname, 'schemathesis.toml'), 'utf8');
  if (self === undefined) {
    await writeFile(file, common);
    return file;
  }
  const identity = (name: string, token: string) => ({
    name,
    fixedHeaders: [{ name: 'Authorization', value: `Bearer ${token}` }],
  });
  const identities = join(folder, 'identities.json');
  const auth = [identity(caller, self.token), identity('bystander', bystander.token)];
  await writeFile(identities, JSON.stringify({ auth }));
  const section = [
    '[auth.wfc]',
    `path = ${JSON.stringify(identities)}`,
    `user = "${caller}"`,
    `peers = ["${caller}", "bystander"]`,
  ];
  await writeFile(file, `${common}\n${section.join('\n')}\n`);
  return file;
}
