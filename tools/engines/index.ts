export { databaseUrl } from './database.ts';
export { WrongHash } from './embedded.ts';
export { freePort, listenError } from './free-port.ts';
export { EnginesMissing, WrongSetting } from './missing.ts';
export { createReport } from './report.ts';
export { configuredServers, resolveBroker, resolveDatabase, resolveEngines } from './resolve.ts';
export { startBroker, startDatabase, startPlan } from './start.ts';
export type { EnginePlan, ProcessPlan, Report, RunningEngine } from './types.ts';
