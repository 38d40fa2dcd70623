/** Where a server runs. */
export interface Place {
  /** What its command line begins with: how a program is run there. */
  readonly command: readonly string[];
  /** `host:port` on which it listens. */
  readonly listenAddress: string;
  /** `host:port` where the test reaches it. */
  readonly address: string;
}

/** On this machine, where nobody else reaches it. */
export function onLoopback(port: number): Place {
  const address = `127.0.0.1:${port}`;
  return { command: [], listenAddress: address, address };
}
