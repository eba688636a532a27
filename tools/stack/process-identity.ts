import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Equal for the same process, undefined after its end; always undefined on Windows, where no leftover is ended. */
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

/** Undefined off Linux, where it is expensive. */
export function parentOf(pid: number): number | undefined {
  try {
    return process.platform === 'linux' ? Number(statFields(pid)[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** proc_pid_stat(5) behind the name in parentheses, which may hold spaces and parentheses. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function identityOnLinux(pid: number): string | undefined {
  const fields = statFields(pid);
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || startTicks === undefined) return undefined;
  // Ticks count from the boot, and could be equal after the next one.
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`;
}
