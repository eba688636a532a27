import { setInterval } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { attacksNamed } from '../attacks/all.ts';
import { armed } from './messages.ts';

// The attacker has its own thread, so that its work does not lengthen the measured times.
const REPORT_EVERY_MS = 200;

const { name, arms } = armed.parse(workerData);
const [attack] = attacksNamed(name);
const tally = { sent: 0, heard: new Map<string, number>() };
const report = () => parentPort?.postMessage({ sent: tally.sent, heard: Object.fromEntries(tally.heard) });
setInterval(report, REPORT_EVERY_MS);
await attack?.run(arms, {
  sent(requests) {
    tally.sent += requests;
  },
  heard: (what) => void tally.heard.set(what, (tally.heard.get(what) ?? 0) + 1),
});
