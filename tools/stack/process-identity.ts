import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Tells a process from a later one with the same pid: returns something that is equal as long as it is the same process,
 * undefined when it has ended. Always undefined on Windows, where leftovers are therefore never ended.
 */
export function processIdentity(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return identityOnLinux(pid);
    }
    if (process.platform === 'win32') {
      return undefined;
    }
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started === '' ? undefined : started;
  } catch {
    return undefined;
  }
}

function identityOnLinux(pid: number): string | undefined {
  // proc_pid_stat(5): the second field is the name in parentheses, which may hold spaces and parentheses itself.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  if (state === 'Z' || startTicks === undefined) {
    return undefined;
  }
  // Ticks count from the boot, so they alone could be equal after the next one.
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`;
}
