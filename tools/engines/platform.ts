/** What decides which build of a program runs here. */
export type Host = {
  platform: NodeJS.Platform;
  arch: string;
  /** Version of the C library when it is glibc; unset on musl and off Linux. */
  glibc?: string | undefined;
};

/** The machine this process runs on. */
export function thisHost(): Host {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() };
}

/** Names a host as the table of wheels does, such as `linux-x64-musl`; glibc older than 2.28 has a name of its own. */
export function platformOf(host: Host): string {
  const base = `${host.platform}-${host.arch}`;
  if (host.platform !== 'linux') {
    return base;
  }
  if (host.glibc === undefined) {
    return `${base}-musl`;
  }
  const [major = 0, minor = 0] = host.glibc.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 28) ? `${base}-glibc` : `${base}-glibc-${host.glibc}`;
}

function glibcVersion(): string | undefined {
  // Without this the report looks up names of open connections, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) {
    return undefined;
  }
  const { header } = report;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) {
    return undefined;
  }
  return typeof header.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : undefined;
}
