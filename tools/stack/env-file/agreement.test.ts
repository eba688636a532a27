// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a file refers to another setting
import { describe, expect, test } from 'vitest';
import { readable } from '../../../tests/support/env-file-cases.ts';
import {
  missingCompose,
  missingPython,
  readByCompose,
  readByPython,
} from '../../../tests/support/env-file-readers.ts';
import { tempFolder } from '../../../tests/support/temp-folder.ts';
import { EnvFileMistake } from './decode.ts';
import { parseEnvFile } from './parse.ts';

const [noCompose, noPython] = await Promise.all([missingCompose(), missingPython()]);

describe.skipIf(noCompose)(
  `docker compose${noCompose ? ` (${noCompose})` : ''}`,
  { timeout: 300_000 },
  () => {
    test('reads every file that we can read, with the same result', async () => {
      const folder = await tempFolder();
      for (const { file, value } of readable) {
        expect({ file, value: (await readByCompose(folder, file, ['A'])).A }).toEqual({ file, value });
      }
    });

    test('reads a thousand random values as we do, unless we refuse them', async () => {
      const settings = madeUp(3_000, 1).flatMap((written) => {
        const read = ours(`X=1\nV=${written}\nEND=1\n`);
        return read && Object.keys(read).join() === 'X,V,END' ? [written] : [];
      });
      expect(settings.length).toBeGreaterThan(1_000);
      const file = ['X=1', ...settings.map((written, at) => `V${at}=${written}`), ''].join('\n');
      const names = settings.map((_, at) => `V${at}`);
      const { X: _, ...expected } = parseEnvFile(file);
      expect(await readByCompose(await tempFolder(), file, names)).toEqual(expected);
    });
  },
);

describe.skipIf(noPython)(`python-dotenv${noPython ? ` (${noPython})` : ''}`, { timeout: 120_000 }, () => {
  test('reads every file as we do, except where docker compose has a rule of its own', async () => {
    const read = await readByPython(
      await tempFolder(),
      readable.map(({ file }) => file),
    );
    const others = readable.filter(({ value }, at) => read[at]?.A !== value).map(({ file }) => file);
    expect(others).toEqual(readable.filter(({ differs }) => differs).map(({ file }) => file));
  });
});

function ours(file: string): Record<string, string> | undefined {
  try {
    return parseEnvFile(file);
  } catch (err) {
    if (err instanceof EnvFileMistake) return undefined;
    throw err;
  }
}

/** The values mix special and ordinary characters; the same seed gives the same values. */
function madeUp(count: number, seed: number): string[] {
  const parts = [
    ...[
      'a',
      'B',
      '5',
      ' ',
      '  ',
      '\t',
      '=',
      ':',
      '#',
      ' #',
      'é',
      '“',
      '`',
      '{',
      '}',
      '[',
      ',',
      '@',
      '\u00a0',
    ],
    ...['"', "'", '\\', '\\\\', '\\"', "\\'", '\\n', '\\t', '\\q', '\\$', '$', '$$', '$X', '\n'],
    ...['X', ':-', '-', '?'].map((operator) => `\${X${operator === 'X' ? '' : `${operator}y z`}}`),
    ...['${U:-u}', '${U-$X}', '${X:+"x"}', '${U+x}'],
  ];
  let state = seed;
  const below = (limit: number) => {
    // This is the generator of Numerical Recipes; only its high bits are good.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const some = (): string => Array.from({ length: below(7) }, () => parts[below(parts.length)]).join('');
  return Array.from({ length: count }, () => {
    const quote = ['', '"', "'"][below(3)] ?? '';
    return `${quote}${some()}${quote}${below(4) === 0 ? ' # remark' : ''}`;
  });
}
