import { describe, expect, it } from 'vitest';
import { serviceNames, services } from '../../services/services.ts';
import { parseArguments } from './args.ts';
import { listPorts, planPorts } from './ports.ts';

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseArguments([])).toEqual({ help: false, items: 1, fresh: false, port: 8000, data: '.data' });
  });

  it('takes every option', () => {
    const argv = ['--items', '3', '--fresh', '--port=9100', '--data', 'elsewhere', '--restart', '50', '-h'];
    expect(parseArguments(argv)).toEqual({
      help: true,
      items: 3,
      fresh: true,
      port: 9100,
      data: 'elsewhere',
      restartMs: 50,
    });
  });

  it.each([
    [['--item', '3'], /Unknown option '--item'/],
    [['extra'], /Unexpected argument 'extra'/],
    [['--items'], /--items/],
    [['--items', '0'], '--items must be a whole number from 1 to 16, not "0"'],
    [['--items', '17'], '--items must be a whole number from 1 to 16, not "17"'],
    [['--items', '1e1'], '--items must be a whole number from 1 to 16, not "1e1"'],
    [['--port', '-1'], /--port/],
    [['--port', '80.5'], '--port must be a whole number from 1 to 65535, not "80.5"'],
    [['--port', '65536'], '--port must be a whole number from 1 to 65535, not "65536"'],
    [['--data='], '--data needs a folder'],
    [['--restart', '60001'], '--restart must be a whole number from 0 to 60000, not "60001"'],
  ])('%j is refused', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
    expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});

describe('the ports', () => {
  const [highest = 'notifier'] = serviceNames.toSorted(
    (one, other) => services[other].port - services[one].port,
  );
  const LAST = 65_535 - 1_000 - services[highest].port + services.gateway.port;

  it('are the documented ones', () => {
    expect(planPorts(8000, 3)).toMatchObject({
      gateway: { port: 8000, privatePort: 9000 },
      auth: { port: 8001, privatePort: 9001 },
      items: [
        { port: 8002, privatePort: 9002 },
        { port: 8012, privatePort: 9012 },
        { port: 8022, privatePort: 9022 },
      ],
      notifier: { port: 8003, privatePort: 9003 },
      mail: { smtp: 1025, http: 8025 },
    });
  });

  it('all move with the port of the gateway', () => {
    const shifted = listPorts(planPorts(9100, 2)).map(({ port, wantedBy }) => ({
      port: port - 1100,
      wantedBy,
    }));
    expect(shifted).toEqual(listPorts(planPorts(8000, 2)));
  });

  it('never collide among themselves', () => {
    const ports = listPorts(planPorts(8000, 16)).map(({ port }) => port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it.each([
    [
      6975,
      1,
      `--port 6975 would put the mail catcher (SMTP) at port 0; ports go from 1 to 65535, so choose one from 6976 to ${LAST}`,
    ],
    [LAST + 1, 1, `would put ${highest} (health and metrics) at port 65536`],
    [64384, 16, 'choose one from 6976 to 64383'],
  ])('that would fall out of range are refused: %i', (port, items, message) => {
    expect(() => planPorts(port, items)).toThrow(message);
  });

  it.each([
    [6976, 1],
    [LAST, 1],
    [64383, 16],
  ])('go up to the last one: %i', (port, items) => {
    expect(() => planPorts(port, items)).not.toThrow();
  });
});
