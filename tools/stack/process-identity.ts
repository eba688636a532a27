import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Returns undefined after the end of a process, and always on Windows, where no leftover is ended. */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    if (process.platform === 'linux') return identityOnLinux(pid);
    const ps = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return ps.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Returns undefined off Linux, where the look-up is expensive. */
export function parentOf(pid: number): number | undefined {
  try {
    return process.platform === 'linux' ? Number(statFields(pid)[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** In proc_pid_stat(5), the name in parentheses may hold spaces and parentheses. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function identityOnLinux(pid: number): string | undefined {
  const fields = statFields(pid);
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || startTicks === undefined) return undefined;
  // Ticks count from the boot, so they could be equal after the next one.
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`;
}
