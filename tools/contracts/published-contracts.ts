import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import { type JsonSchema, jsonSchemaOf } from '../../services/gateway/src/async-api/json-schema.ts';
import { unreadableChanges } from './schema-compatibility.ts';

export const publishedFolder = join(import.meta.dirname, 'published');

export type Review = {
  stale?: { file: string; schema: JsonSchema };
  /** With any problem, nothing may be written. */
  problems: string[];
};

export async function readPublished(folder = publishedFolder): Promise<Map<string, unknown>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const read = async (file: string): Promise<[string, unknown]> => [
    file,
    JSON.parse(await readFile(join(folder, file), 'utf8')),
  ];
  return new Map(await Promise.all(files.map(read)));
}

/** These types have no producer any more, but an old stream may still hold their events. */
const RETIRED: readonly string[] = [];

export function lostEvents(
  published: ReadonlyMap<string, unknown>,
  types: readonly string[],
  retired: readonly string[] = RETIRED,
): string[] {
  return [...published.keys()]
    .filter((file) => ![...types, ...retired].includes(file.replace(/\.v\d+\.json$/, '')))
    .map(
      (file) =>
        `${file} is published, but contracts.ts has no such event: bring it back, or list it as retired`,
    );
}

/** Every published version must exist, and consumers of the current one must be able to read any change. */
export function reviewContract(
  type: string,
  contract: { version: number; data: z.ZodType },
  published: ReadonlyMap<string, unknown>,
): Review {
  const { version, data } = contract;
  const fileOf = (one: number) => `${type}.v${one}.json`;
  const file = fileOf(version);
  const lost = Array.from({ length: version - 1 }, (_, before) => fileOf(before + 1))
    .filter((older) => !published.has(older))
    .map((older) => `${older} is missing: bring it back, or the version is raised by too much`);
  const ahead = [...published.keys()]
    .filter(
      (name) => name.startsWith(`${type}.v`) && Number.parseInt(name.slice(type.length + 2), 10) > version,
    )
    .map((newer) => `${newer} is published, but the version of ${type} is ${version}`);
  const schema: JsonSchema = { $schema: 'http://json-schema.org/draft-07/schema#', ...jsonSchemaOf(data) };
  const problems = [...lost, ...ahead];
  if (isDeepStrictEqual(published.get(file), schema)) return { problems };
  const changes = published.has(file) ? unreadableChanges(published.get(file), schema) : [];
  if (changes.length === 0) return { stale: { file, schema }, problems };
  const unreadable = [
    `${type}: consumers of version ${version} could not read it any more`,
    ...changes,
    `raise its version in contracts.ts to ${version + 1}`,
  ];
  return { problems: [...problems, unreadable.join('\n  ')] };
}
