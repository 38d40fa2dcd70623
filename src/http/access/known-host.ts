import { isIP } from 'node:net';

/** How long a Host may be in a message. */
const MAX_SHOWN = 100;

/**
 * Whether a browser may have come by this Host header (`name:port`) without somebody else's DNS.
 *
 * A page of a name that its owner points here (DNS rebinding) has that name as the Host of its requests, and its Origin is
 * the same. No one else can point an address, `localhost`, a name without a dot or the host's own name here.
 */
export class KnownHosts {
  readonly #names: ReadonlySet<string>;

  /** `names` are let in beside those that need no listing: that of the machine, that of `--web.external-url`. */
  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** A request of HTTP/1.0 may have no Host, and is then none of a browser. */
  includes(host: string | undefined): boolean {
    if (host === undefined) return true;
    const name = nameOf(host);
    return name !== '' && (isIP(name) !== 0 || !name.includes('.') || this.#names.has(name));
  }
}

/** What to do about a Host that is not known, for the client. */
export function unknownHostMessage(host: string | undefined): string {
  const shown = JSON.stringify((host ?? '').slice(0, MAX_SHOWN));
  return `the Host ${shown} is not known to be Sentio's, and no login is set: use the IP address, localhost or a name without a dot, or start Sentio with --web.external-url=URL with that host, or with logins`;
}

/** The host without its port, in lower case; an IPv6 address without brackets. Empty where the header is malformed. */
function nameOf(host: string): string {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d*)?$/.exec(host.toLowerCase());
  return match?.[1] ?? match?.[2] ?? '';
}
