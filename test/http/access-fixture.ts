import { Access } from '#src/http/request/access.js';
import { KnownHosts } from '#src/http/request/known-host.js';
import type { Credentials } from '#src/model/endpoint.js';

export interface Logins {
  readonly writers?: readonly Credentials[];
  readonly readers?: readonly Credentials[];
}

/** Who may do what on a machine without a name, reached at `sentio.example` by browsers. */
export function makeAccess({ writers = [], readers = [] }: Logins = {}): Access {
  return new Access({
    logins: { write: writers, read: readers, admin: writers },
    hosts: new KnownHosts(['sentio.example']),
  });
}
