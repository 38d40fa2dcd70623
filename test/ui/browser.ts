import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Cleanup } from '../harness/cleanup.js';

const CHROMIUM = process.env.SENTIO_CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS = resolve(import.meta.dirname, '../../.artifacts');

/** A page and all that it did which it should not have. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, and requests to anything but the server. */
  readonly complaints: readonly string[];
  /** Addresses asked for, in order. */
  readonly requests: readonly string[];
}

/** The `skip` of tests that need Chromium: false where there is one. With SENTIO_REQUIRE_E2E=1 its absence is an error. */
export function skipWithoutChromium(): false | string {
  try {
    accessSync(CHROMIUM, constants.X_OK);
    return false;
  } catch (cause) {
    if (process.env.SENTIO_REQUIRE_E2E === '1')
      throw new Error(`SENTIO_REQUIRE_E2E=1, but there is no ${CHROMIUM}`, { cause });
    return `there is no ${CHROMIUM}`;
  }
}

/** Starts a browser with a profile of its own that asks nobody for anything. */
export async function startBrowser(cleanup: Cleanup): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  cleanup.add(() => browser.close());
  return browser;
}

/** Opens an address in a profile of its own, and watches the page from its first request on. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  const { origin } = new URL(url);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    requests.push(request.url());
    if (new URL(request.url()).origin !== origin) complaints.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, requests };
}

/** Puts a picture of what is seen into .artifacts, for people. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
