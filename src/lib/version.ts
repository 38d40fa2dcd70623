import { readFileSync } from 'node:fs';

/** The version in package.json. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** How Sentio introduces itself to the servers it talks to. */
export const USER_AGENT = `Sentio/${VERSION}`;
