import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../tests/support/temp-folder.ts';
import { databaseUrl } from '../engines/index.ts';
import { dataPaths, emptyDataFolder, keptSecretKey, openDataFolder } from './data-folder.ts';
import { listenAddress, reachableAt, readEnvironment, withoutSecrets } from './environment.ts';
import { wantsMailCatcher } from './service-specs.ts';
import { superuserOf } from './summary.ts';

describe('.env', () => {
  it('is not needed', async () => {
    expect(await readEnvironment(join(await tempFolder(), '.env'), { A: '1' }, false)).toEqual({ A: '1' });
  });

  it('is overridden by the real environment, and empty values count as unset', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, '.env'), 'A=file\nB="from file" # with a remark\nC=\nD=file\n');
    const real = { A: 'real', D: '', E: '', F: undefined };
    expect(await readEnvironment(join(folder, '.env'), real, false)).toEqual({
      A: 'real',
      B: 'from file',
      D: 'file',
    });
  });

  it('may begin with a byte order mark, as Windows editors write it', async () => {
    const file = join(await tempFolder(), '.env');
    await writeFile(file, '\uFEFFENVIRONMENT=production\r\nSMTP_PASSWORD=Sup3r#2024\r\n');
    expect(await readEnvironment(file, {}, false)).toEqual({
      ENVIRONMENT: 'production',
      SMTP_PASSWORD: 'Sup3r#2024',
    });
  });

  it('that is ambiguous is an error with file and line, and without a value', async () => {
    const file = join(await tempFolder(), '.env');
    const message = async (content: string | Buffer) => {
      await writeFile(file, content);
      return readEnvironment(file, {}, false).then(String, (err: Error) => err.message);
    };
    expect(await message('A=1\nB="abc\nENVIRONMENT=production\n')).toBe(
      `the settings in ${file} cannot be read, line 2: the quote that opens on it is never closed`,
    );
    expect(await message(Buffer.from('ENVIRONMENT=production', 'utf16le'))).toBe(
      `the settings in ${file} cannot be read, line 1: it is UTF-16; save the file as UTF-8`,
    );
  });

  it('that cannot be read is an error', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, '.env'));
    await expect(readEnvironment(join(folder, '.env'), {}, false)).rejects.toThrow('EISDIR');
    await expect(readEnvironment(join(folder, 'none'), {}, true)).rejects.toThrow('ENOENT');
  });

  it('copied unchanged from .env.example leaves everything at its default', async () => {
    const folder = await tempFolder();
    const example = await readFile(resolve(import.meta.dirname, '../../.env.example'), 'utf8');
    await writeFile(join(folder, '.env'), example);
    const env = await readEnvironment(join(folder, '.env'), {}, false);
    expect(databaseUrl(env)).toBeUndefined();
    expect(wantsMailCatcher(env)).toBe(true);
    expect(superuserOf(env)).toBe('admin@example.com / changethis');
    expect(listenAddress(env)).toBe('127.0.0.1');
    for (const name of ['SECRET_KEY', 'NATS_URL', 'PORT', 'AUTH_URL', 'QUARTET_CACHE', 'SENTRY_DSN']) {
      expect(example).toContain(`\n${name}=\n`);
      expect(env).not.toHaveProperty(name);
    }
    expect(env).toMatchObject({ ENVIRONMENT: 'local', ENGINES: 'auto', SMTP_PORT: '587', LOG_LEVEL: 'info' });
    expect(env.BACKEND_CORS_ORIGINS?.split(',')).toHaveLength(4);
  });
});

it('gives no secret to processes that need none', () => {
  const secrets = { SECRET_KEY: 'a', SECRET_KEY_PREVIOUS: 'b', SMTP_PASSWORD: 'c' };
  const addresses = {
    NATS_URL: 'nats://u:p@a',
    NATS_URL_AUTH: 'nats://u:p@a',
    MONGODB_URL: 'mongodb://u:p@a/',
  };
  const telemetry = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=a', SENTRY_DSN: 'https://a@b/1' };
  expect(withoutSecrets({ PATH: '/bin', ...secrets, ...addresses, ...telemetry })).toEqual({ PATH: '/bin' });
});

describe('HOST', () => {
  it('counts when it is an address, not when it is a name that the shell has set', () => {
    expect(listenAddress({ HOST: '0.0.0.0' })).toBe('0.0.0.0');
    expect(listenAddress({ HOST: 'my-laptop' })).toBe('127.0.0.1');
    expect(listenAddress({})).toBe('127.0.0.1');
  });

  it('becomes an address that clients can connect to', () => {
    expect(['127.0.0.1', '0.0.0.0', '::', '::1'].map(reachableAt)).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '127.0.0.1',
      '[::1]',
    ]);
  });
});

describe('the secret key', () => {
  it('is created once, and only its owner can read it', async () => {
    const file = join(await tempFolder(), 'secret-key');
    const key = await keptSecretKey(file);
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(await keptSecretKey(file)).toBe(key);
    if (process.platform !== 'win32') {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('the data folder', () => {
  it('is created when missing, and can be opened again', async () => {
    const folder = join(await tempFolder(), 'deep', 'data');
    await openDataFolder(folder);
    await openDataFolder(folder);
    expect(await readdir(folder)).toEqual(['.quartet', 'logs']);
  });

  it('is refused when it holds something else', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    await expect(openDataFolder(folder)).rejects.toThrow(
      `${folder} is not a data folder of Quartet: it holds thesis.txt`,
    );
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  it('is refused when it holds a foreign file with a name of ours', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'database'));
    await expect(openDataFolder(folder)).rejects.toThrow('it holds database');
  });

  it('loses only our own files when it is emptied', async () => {
    const folder = await tempFolder();
    await openDataFolder(folder);
    const paths = dataPaths(folder);
    await mkdir(join(paths.database, 'mongod'), { recursive: true });
    await writeFile(paths.secretKey, 'key');
    await writeFile(join(paths.logs, 'auth.log'), '{}');
    await writeFile(join(folder, 'note.txt'), 'put here later');
    await chmod(paths.secretKey, 0o400);
    await emptyDataFolder(folder);
    expect(await readdir(folder)).toEqual(['.quartet', 'logs', 'note.txt']);
    expect(await readdir(paths.logs)).toEqual([]);
  });
});
