import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Access, type Users } from '#src/http/access/access.js';
import { KnownHosts } from '#src/http/access/known-host.js';
import { LoginThrottle } from '#src/http/access/login-throttle.js';
import type { Credentials } from '#src/model/settings/endpoint.js';

export interface AccessFixture {
  readonly writers?: readonly Credentials[];
  readonly readers?: readonly Credentials[];
  readonly admins?: readonly Credentials[];
  readonly users?: Users;
  readonly registry?: Registry;
  /** Gets the lines of the log. */
  readonly logged?: string[];
}

/** Who may do what on a machine without a name, reached at `sentio.example` by browsers; failed logins cost no time. */
export function makeAccess(fixture: AccessFixture = {}): Access {
  const { writers = [], readers = [], admins = [], users, registry = new Registry(), logged = [] } = fixture;
  return new Access({
    logins: { write: writers, read: readers, admin: admins },
    users,
    hosts: new KnownHosts(['sentio.example']),
    log: pino({ level: 'debug' }, { write: (line) => logged.push(line) }),
    now: () => 0,
    registry,
    throttle: quickThrottle(),
  });
}

/** On a clock that goes on when somebody waits. */
export function quickThrottle(waits: number[] = []): LoginThrottle {
  let nowMs = 0;
  const wait = async (ms: number) => {
    waits.push(ms);
    nowMs += ms;
  };
  return new LoginThrottle({ now: () => nowMs, wait });
}
