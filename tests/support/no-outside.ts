import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';

/** Unit tests are selected by their imports; a wrong selection fails here and says what to do. */
function refuse(): never {
  throw new Error('a unit test may not use sockets or processes: tests/support/unit-tests.ts lacks a module');
}

Object.assign(Socket.prototype, { connect: refuse });
Object.assign(Server.prototype, { listen: refuse });
Object.assign(ChildProcess.prototype, { spawn: refuse });
