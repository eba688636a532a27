import * as z from 'zod';

export type Host = {
  platform: NodeJS.Platform;
  arch: string;
  /** It is unset on musl and off Linux. */
  glibc?: string | undefined;
};

const report = z.object({ header: z.object({ glibcVersionRuntime: z.string() }) });

export function thisHost(): Host {
  // Without this, the report looks up names of open connections, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const glibc = report.safeParse(process.report.getReport()).data?.header.glibcVersionRuntime;
  return { platform: process.platform, arch: process.arch, glibc };
}

export function platformOf({ platform, arch, glibc }: Host): string {
  const base = `${platform}-${arch}`;
  if (platform !== 'linux') return base;
  if (glibc === undefined) return `${base}-musl`;
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 28) ? `${base}-glibc` : `${base}-glibc-${glibc}`;
}
