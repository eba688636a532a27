import { broker } from './broker.ts';
import { database, enginesWithData } from './database.ts';
import type { EngineDefinition } from './definition.ts';
import { provideImages } from './docker.ts';
import { provideEmbedded } from './embedded.ts';
import { freePort } from './free-port.ts';
import { EnginesMissing, type Failure, WrongSetting } from './missing.ts';
import { findProgram } from './program.ts';
import { createReport } from './report.ts';
import {
  type EngineOptions,
  type EnginePlan,
  type EngineSource,
  type Launch,
  type Place,
  type ProcessPlan,
  SourceUnavailable,
} from './types.ts';

const SOURCES: readonly EngineSource[] = ['configured', 'path', 'embedded', 'docker'];

/** @throws {EnginesMissing} when no source has a database, {WrongHash} after a wrong download */
export async function resolveDatabase(options: EngineOptions): Promise<EnginePlan> {
  const before = await enginesWithData(options.dataDir);
  const plan = await resolveEngine(database, options);
  const after = await enginesWithData(options.dataDir);
  if (before.length > 0 && after.length > before.length) {
    const report = options.report ?? createReport();
    report.notice(
      `${plan.describe} starts empty: the data so far is that of ${before.join(', ')} (see ENGINES)`,
    );
  }
  return plan;
}

export function resolveBroker(options: EngineOptions): Promise<EnginePlan> {
  return resolveEngine(broker, options);
}

/** @throws {EnginesMissing} naming each engine that no source has */
export async function resolveEngines(
  forDatabase: EngineOptions,
  forBroker: EngineOptions,
): Promise<{ database: EnginePlan; broker: EnginePlan }> {
  // Two downloads at once would compete for one progress line.
  const first = await missingOrPlan(resolveDatabase(forDatabase));
  const second = await missingOrPlan(resolveBroker(forBroker));
  if (first instanceof EnginesMissing || second instanceof EnginesMissing) {
    throw EnginesMissing.join([first, second].filter((result) => result instanceof EnginesMissing));
  }
  return { database: first, broker: second };
}

function missingOrPlan(plan: Promise<EnginePlan>): Promise<EnginePlan | EnginesMissing> {
  return plan.catch((err: unknown) => {
    if (err instanceof EnginesMissing) return err;
    throw err;
  });
}

export function configuredServers(env: NodeJS.ProcessEnv): string[] {
  if (!allowedSources(env).includes('configured')) return [];
  return [database, broker]
    .filter(({ configured }) => configured.url(env) !== undefined)
    .map(({ configured }) => configured.variables);
}

async function resolveEngine(definition: EngineDefinition, options: EngineOptions): Promise<EnginePlan> {
  const failures: Failure[] = [];
  const sources = allowedSources(options.env ?? process.env);
  for (const source of sources) {
    options.signal?.throwIfAborted();
    try {
      return await planFrom(source, definition, options);
    } catch (err) {
      if (!(err instanceof SourceUnavailable)) throw err;
      failures.push({ source, reason: err.message });
    }
  }
  throw new EnginesMissing([{ definition, failures }]);
}

function allowedSources(env: NodeJS.ProcessEnv): readonly EngineSource[] {
  const choice = env.ENGINES || 'auto';
  if (choice === 'auto') return SOURCES;
  const forced = SOURCES.filter((source) => source === choice && source !== 'configured');
  if (forced.length === 0) {
    throw new WrongSetting(`ENGINES is "${choice}", but must be auto, path, embedded or docker`);
  }
  return forced;
}

async function planFrom(
  source: EngineSource,
  { role, configured, path, embedded, docker }: EngineDefinition,
  options: EngineOptions,
): Promise<EnginePlan> {
  const { env = process.env, report = createReport(), signal } = options;
  const asked = { role, env, report, signal };
  switch (source) {
    case 'configured': {
      const url = configured.url(env);
      if (url === undefined) throw new SourceUnavailable('not set');
      return { kind: 'server', source, describe: `the ${role} that ${configured.variables} names`, url };
    }
    case 'path': {
      const { file, version } = await findProgram(path.program, env, report);
      const describe = `${path.program.name} ${version} on the PATH`;
      return processPlan({ source, describe, file }, path.launch, options);
    }
    case 'embedded': {
      const { pkg, launch } = embedded;
      const file = await provideEmbedded(pkg, asked);
      return processPlan(
        { source, describe: `${pkg.name} ${pkg.version} (embedded)`, file },
        launch,
        options,
      );
    }
    case 'docker': {
      await provideImages(docker.image, asked);
      const describe = `${docker.image} in Docker`;
      return processPlan({ source, describe, file: process.execPath }, docker.launch, options);
    }
  }
}

async function processPlan(
  program: Pick<ProcessPlan, 'source' | 'describe' | 'file'>,
  launch: (place: Place) => Promise<Launch>,
  { dataDir, port: wanted, authorization }: EngineOptions,
): Promise<ProcessPlan> {
  const port = wanted || (await freePort());
  return { kind: 'process', ...program, port, ...(await launch({ dataDir, port, authorization })) };
}
