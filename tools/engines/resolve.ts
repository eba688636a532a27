import { broker } from './broker.ts';
import { database, enginesWithData } from './database.ts';
import type { EngineDefinition } from './definition.ts';
import { provideImages } from './docker.ts';
import { provideEmbedded } from './embedded.ts';
import { freePort } from './free-port.ts';
import type { Failure } from './missing.ts';
import { EnginesMissing, WrongSetting } from './missing.ts';
import { findProgram } from './program.ts';
import { createReport } from './report.ts';
import type { EngineOptions, EnginePlan, EngineSource, Launch, Place } from './types.ts';
import { SourceUnavailable } from './types.ts';

const SOURCES: readonly EngineSource[] = ['configured', 'path', 'embedded', 'docker'];

/**
 * Decides where the database comes from, fetching it when that is what it takes.
 * Throws EnginesMissing when none can be had, WrongHash when a download is not the pinned one.
 */
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

/** Decides where the broker comes from; as `resolveDatabase`. */
export function resolveBroker(options: EngineOptions): Promise<EnginePlan> {
  return resolveEngine(broker, options);
}

/** Decides for both, and throws one EnginesMissing that speaks of each that cannot be had. */
export async function resolveEngines(
  forDatabase: EngineOptions,
  forBroker: EngineOptions,
): Promise<{ database: EnginePlan; broker: EnginePlan }> {
  // One after the other, so that two downloads do not fight for one progress line.
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

/** The variables that name servers which somebody else runs, of those that are used. */
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
  definition: EngineDefinition,
  options: EngineOptions,
): Promise<EnginePlan> {
  const env = options.env ?? process.env;
  const report = options.report ?? createReport();
  switch (source) {
    case 'configured': {
      const url = definition.configured.url(env);
      if (url === undefined) throw new SourceUnavailable('not set');
      return {
        kind: 'server',
        source,
        describe: `the ${definition.role} that ${definition.configured.variables} names`,
        url,
      };
    }
    case 'path': {
      const { file, version } = await findProgram(definition.path.program, env, report);
      const describe = `${definition.path.program.name} ${version} on the PATH`;
      return {
        kind: 'process',
        source,
        describe,
        file,
        ...(await launchAt(definition.path.launch, options)),
      };
    }
    case 'embedded': {
      const { pkg, launch } = definition.embedded;
      const file = await provideEmbedded(pkg, { role: definition.role, env, report, signal: options.signal });
      const describe = `${pkg.name} ${pkg.version} (embedded)`;
      return { kind: 'process', source, describe, file, ...(await launchAt(launch, options)) };
    }
    case 'docker': {
      const { image, launch } = definition.docker;
      await provideImages(image, { role: definition.role, env, report, signal: options.signal });
      const describe = `${image} in Docker`;
      return {
        kind: 'process',
        source,
        describe,
        file: process.execPath,
        ...(await launchAt(launch, options)),
      };
    }
  }
}

async function launchAt(launch: (place: Place) => Promise<Launch>, options: EngineOptions) {
  const place = await placeFor(options);
  return { port: place.port, ...(await launch(place)) };
}

async function placeFor(options: EngineOptions): Promise<Place> {
  const { dataDir, port, authorization } = options;
  return { dataDir, port: port || (await freePort()), authorization };
}
