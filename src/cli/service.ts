import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.js';
import { maskConfig } from '../config/mask.js';
import { Engine } from '../engine/engine.js';
import { type ChangingText, ChangingTextFile } from '../engine/snapshot/changing-text-file.js';
import { FutureMark } from '../engine/snapshot/future-mark.js';
import { Snapshots } from '../engine/snapshot/snapshots.js';
import { ExemplarStore } from '../exemplars/exemplar-store.js';
import { FITS_PER_HANDOVER, type FitPool } from '../forecast/pool/fit-pool.js';
import { type DroppedHistograms, HistogramDeriver } from '../histograms/histogram-deriver.js';
import { Access } from '../http/access/access.js';
import { BcryptThread } from '../http/access/bcrypt-thread.js';
import { KnownHosts } from '../http/access/known-host.js';
import { PasswordUsers } from '../http/access/password-users.js';
import type { PageJson } from '../http/api/json/page.js';
import { createServer, type ServerWeb } from '../http/server.js';
import { serverTlsOptions } from '../http/server-tls.js';
import { TimeSlice } from '../lib/time-slice.js';
import { USER_AGENT, VERSION } from '../lib/version.js';
import { registerMarkerMetrics } from '../markers/marker-metrics.js';
import { MarkerStore } from '../markers/marker-store.js';
import type { Labels } from '../model/labels/labels.js';
import { ruleChooser } from '../model/settings/rule-chooser.js';
import { referencesOf } from '../model/settings/series-reference.js';
import { Previews } from '../preview/previews.js';
import { connectHistory } from '../remote/read/connect-history.js';
import { RangeQueries } from '../remote/read/range-queries.js';
import { RemoteWriter } from '../remote/write/remote-writer.js';
import type { MemoryLimit } from '../series/series-limits.js';
import { SeriesStore } from '../series/series-store.js';
import { Arrivals } from './arrivals.js';
import { urlOf } from './flags/listen-address.js';
import { registerLinksMetric } from './links-metric.js';
import { LiveConfig } from './live-config.js';
import { FirstSuccess } from './process/first-success.js';
import { MACHINE, type Surroundings } from './process/surroundings.js';
import { registerRoutes } from './routes.js';
import type { WebConfig } from './web-config.js';

export interface ServiceOptions {
  readonly config: Config;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where browsers find Sentio, if that is not the address it listens on. */
  readonly externalUrl?: URL | undefined;
  /** Whom it lets in, and how it speaks TLS. */
  readonly web?: WebConfig | undefined;
  readonly enableLifecycle: boolean;
  /** HTTP connections at one time. */
  readonly maxConnections?: number;
  /** Folder for snapshots; without one, history lives in memory only. */
  readonly storagePath?: string | undefined;
  /** Without one, `receiver.max_series` alone bounds the memory. */
  readonly memory?: MemoryLimit;
  readonly log: Logger;
  readonly registry: Registry;
  /** Reads the configuration again; throws or rejects with `ConfigError` if it is wrong. */
  readonly readConfig: () => Config | Promise<Config>;
  /** The machine by default. */
  readonly surroundings?: Surroundings;
}

/** How long a start waits for iCalendars that are fetched. */
const CALENDARS_WAIT_MS = 5_000;
/** How long a stop waits for the last forecasts to be sent. */
const DRAIN_MS = 5_000;
/** As many as a worker is given at one time, and as many again, to keep it busy while its results are taken in. */
const FITS_PER_THREAD = 2 * FITS_PER_HANDOVER;
/** A Stan fit of the longest history takes some seconds; whatever takes longer is stuck. */
const FIT_TIMEOUT_MS = 60_000;
/** Room for some 200,000 decisions to ignore a series. */
const MAX_IGNORED_BYTES = 64 * 2 ** 20;

/** The whole adapter, wired in the order data flows: http ▶ store ▶ engine (fit, score, publish) ▶ writer. */
export class Service {
  readonly engine: Engine;
  readonly store: SeriesStore;
  readonly #histograms: HistogramDeriver;
  readonly #exemplars: ExemplarStore;
  readonly #markers: MarkerStore;
  readonly #snapshots: Snapshots | undefined;
  readonly #exclusionFile: ChangingTextFile | undefined;
  readonly #calendarFile: ChangingTextFile | undefined;
  readonly #pool: Pick<FitPool, 'close'>;
  readonly #writer: RemoteWriter;
  readonly #server: FastifyInstance;
  readonly #previews: Previews;
  readonly #options: ServiceOptions;
  readonly #bcrypt: BcryptThread | undefined;
  readonly #arrivals: Arrivals;
  readonly #config: LiveConfig;
  #firstSuccess: FirstSuccess | undefined;
  /** Whether the engine runs. */
  #hasStarted = false;
  #isReady = false;
  #isClosing = false;

  constructor(options: ServiceOptions) {
    const { config, log, registry } = options;
    const { now, openPool, disk, startFitPool } = options.surroundings ?? MACHINE;
    const network = openPool === undefined ? {} : { openPool };
    this.#options = options;
    this.#config = new LiveConfig({
      initial: config,
      read: options.readConfig,
      applyRules: () => this.#applyRules(),
      applyOthers: () => this.#applyOthers(),
      calendars: { userAgent: USER_AGENT, log: log.child({ room: 'calendar' }), now, registry, ...network },
      log,
      registry,
    });
    this.#markers = new MarkerStore(config.markers);
    registerMarkerMetrics(registry, this.#markers);
    this.store = new SeriesStore({
      ...config.receiver,
      seriesIdleTimeoutMs: config.engine.seriesIdleTimeoutMs,
      maxIgnoredBytes: MAX_IGNORED_BYTES,
      chooseRule: ruleChooser(config.rules),
      references: referencesOf(config.rules),
      behavior: { rereadsHistory: config.remoteRead.length > 0 },
      markers: this.#markers,
      ...(options.memory !== undefined && { memory: options.memory }),
      log: log.child({ room: 'series' }),
    });
    this.store.registerMetrics(registry);
    const ownUrl = options.externalUrl?.href;
    registerLinksMetric(registry, () => ({ ...this.#config.current.effective.page, page_url: ownUrl }));
    this.#arrivals = new Arrivals(this.store, () => this.#config.current.rules);
    this.#exemplars = new ExemplarStore({
      isWanted: wantedBy(config),
      externalLabels: config.receiver.externalLabels,
    });
    this.#histograms = new HistogramDeriver({
      sink: this.store,
      chooseRule: ruleChooser(config.rules),
      externalLabels: config.receiver.externalLabels,
      maxSources: config.receiver.maxSeries,
      onDropped: ({ reason, ...dropped }) => log.warn(dropped, `native histograms are dropped: ${WAYS_OUT[reason]}`),
    });
    const pool = startFitPool({
      threads: config.engine.fitThreads,
      maxQueue: config.engine.fitThreads * FITS_PER_THREAD,
      timeoutMs: FIT_TIMEOUT_MS,
      log: log.child({ room: 'forecast' }),
      registry,
    });
    this.#pool = pool;
    this.#writer = new RemoteWriter({
      targets: config.remoteWrite,
      userAgent: USER_AGENT,
      log: log.child({ room: 'remote' }),
      now,
      registry,
      ...network,
    });
    const futureMark = new FutureMark({
      folder: options.storagePath,
      log: log.child({ room: 'engine' }),
      now,
      disk,
    });
    this.engine = new Engine({
      store: this.store,
      pool,
      fitConcurrency: config.engine.fitThreads * FITS_PER_THREAD,
      externalLabels: config.receiver.externalLabels,
      history: {
        sources: config.remoteRead,
        connect: (source) =>
          connectHistory(source, {
            userAgent: USER_AGENT,
            log: log.child({ room: 'remote', source: source.name }),
            now,
            ...network,
          }),
      },
      queries: {
        sources: config.querySources,
        connect: (source) =>
          new RangeQueries(source, {
            userAgent: USER_AGENT,
            log: log.child({ room: 'remote', source: source.name }),
            now,
            ...network,
          }),
      },
      ownershipGraceMs: config.engine.ownershipGraceMs,
      markers: this.#markers,
      writer: this.#writer,
      future: { writer: this.#writer, mark: futureMark },
      log: log.child({ room: 'engine' }),
      now,
      registry,
    });
    if (options.storagePath !== undefined) {
      const folder = options.storagePath;
      const fileOf = (what: 'exclusions' | 'calendars', source: ChangingText) =>
        new ChangingTextFile({ what, source, folder, log: log.child({ room: 'engine' }), now, ...(disk && { disk }) });
      this.#exclusionFile = fileOf('exclusions', this.engine.exclusions);
      this.#calendarFile = fileOf('calendars', this.#config.calendars);
      this.#snapshots = new Snapshots({
        engine: this.engine,
        sent: this.#writer.sentTimes,
        incidents: this.engine.incidents,
        histograms: this.#histograms,
        markers: this.#markers,
        references: {
          save: () => this.store.saveReferenced(),
          restore: (text) => this.store.restoreReferenced(text),
        },
        curves: this.engine.formerCurves,
        futureMark,
        folder: options.storagePath,
        intervalMs: config.engine.snapshotIntervalMs,
        log: log.child({ room: 'engine' }),
        now,
        registry,
        ...(disk !== undefined && { disk }),
      });
    }
    const { writers, readers, admins } = config.receiver;
    const { externalUrl, web } = options;
    const bcrypt = web === undefined ? undefined : new BcryptThread();
    this.#bcrypt = bcrypt;
    const access = new Access({
      logins: { write: writers, read: readers, admin: admins },
      ...(web !== undefined &&
        bcrypt !== undefined && {
          users: new PasswordUsers({
            hashes: (when) => web.users(when),
            compare: (password, hash) => bcrypt.compare(password, hash),
          }),
        }),
      hosts: new KnownHosts([hostname(), ...(externalUrl === undefined ? [] : [externalUrl.hostname])]),
      log: log.child({ room: 'http' }),
      now,
      registry,
    });
    this.#server = createServer({
      store: this.store,
      more: { histograms: this.#histograms, exemplars: this.#exemplars },
      settings: config.receiver,
      access,
      externalUrl,
      web: web && serverWeb(web),
      ...(options.maxConnections !== undefined && { maxConnections: options.maxConnections }),
      log: log.child({ room: 'http' }),
      registry,
      now,
      ready: () => (this.#isReady ? undefined : 'Sentio is starting.'),
      ...(options.enableLifecycle && { reload: () => this.reload() }),
    });
    this.#previews = new Previews(() => this.#config.current);
    registerRoutes(this.#server, {
      engine: this.engine,
      exemplars: this.#exemplars,
      previews: this.#previews,
      arrivals: this.#arrivals,
      access,
      receiver: config.receiver,
      page: () => this.#page(),
      configYaml: () => maskConfig(this.#config.current),
      registry,
      now,
    });
  }

  /** Loads the snapshot, starts everything and listens; returns the port. Rejects, with nothing left running, if the address cannot be listened on. */
  async start(): Promise<number> {
    const { listen, log, surroundings = MACHINE } = this.#options;
    let port: number;
    try {
      await this.#snapshots?.prepare();
      // Before the models of the snapshot are looked at: one that was fitted with other days is fitted again.
      await this.#calendarFile?.load();
      await this.#config.calendars.start(CALENDARS_WAIT_MS);
      await this.#snapshots?.load();
      await this.#exclusionFile?.load();
      this.engine.start(this.#config.current.rules);
      this.#hasStarted = true;
      port = await surroundings.listen(this.#server, listen);
      this.#options.web?.follow(this.#server.server);
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#snapshots?.start();
    this.#isReady = true;
    log.info({ address: `${listen.host}:${port}`, rules: this.#config.current.rules.length }, 'listening');
    if (this.#config.current.remoteWrite.length === 0) {
      log.warn('no remote_write target is configured: forecasts are only served by the API');
    }
    this.#firstSuccess = new FirstSuccess({
      progress: () => ({
        tracked: this.store.size,
        unmatched: this.#arrivals.unmatched,
        withForecast: this.engine.withForecast,
        isWritten: this.#writer.hasSent,
      }),
      page: this.#pageUrl(port),
      log,
      now: surroundings.now,
    });
    return port;
  }

  #page(): PageJson {
    return {
      version: VERSION,
      links: this.#config.current.effective.page,
      dropped_histograms: this.#histograms.dropped.map(({ rule, example, reason }) => ({
        rule,
        example,
        reason: WAYS_OUT[reason],
      })),
      failing_targets: this.#writer.failing.map(({ name, text, sinceMs, isOfCurves }) => ({
        name,
        reason: text,
        since: sinceMs / 1000,
        ...(isOfCurves && { only_curves: true }),
      })),
    };
  }

  #pageUrl(port: number): string {
    const { listen, externalUrl, web } = this.#options;
    if (externalUrl !== undefined) return externalUrl.href;
    return `${urlOf({ ...listen, port }).replace('http:', web?.tls === undefined ? 'http:' : 'https:')}/`;
  }

  /** Has a start that is under way end: `start` rejects, or never settles where the disk hangs. */
  abandonStart(): void {
    this.#snapshots?.abandonLoad();
  }

  /**
   * Reads the configuration again and applies its rules and targets, in slices of time: series that come have the new rules at
   * once, and one after another those there are; those whose settings stay the same keep their rings. Resolves when all is in
   * effect. Rejects with `ConfigError`, and keeps the present configuration, if it is wrong.
   */
  reload(): Promise<void> {
    return this.#config.reload();
  }

  async #applyRules(): Promise<void> {
    const { rules, markers } = this.#config.current;
    const chooseRule = ruleChooser(rules);
    // Before the store asks which series are markers.
    this.#markers.setMarkers(markers);
    const changed = this.store.setRules(chooseRule, referencesOf(rules));
    this.#histograms.setRules(chooseRule);
    this.#exemplars.setRules(wantedBy(this.#config.current));
    const slice = new TimeSlice();
    for (const id of changed) {
      if (this.#hasStarted) this.engine.ruleChanged(id);
      if (slice.isOver) await slice.pause();
      if (this.#isClosing) return;
    }
    if (this.#hasStarted) this.engine.setQueries(rules);
  }

  #applyOthers(): void {
    const { log } = this.#options;
    const { remoteWrite, rules } = this.#config.current;
    this.#writer
      .setTargets(remoteWrite, DRAIN_MS)
      .catch((err) => log.error({ err }, 'replacing the remote_write targets failed'));
    log.info({ rules: rules.length, series: this.store.size }, 'configuration reloaded');
  }

  /**
   * Takes no more requests, sends what is still to be sent, and frees everything. Returns false where the last snapshot
   * could not be written.
   */
  async close(): Promise<boolean> {
    this.#isReady = false;
    this.#isClosing = true;
    this.#firstSuccess?.close();
    this.engine.stop();
    this.#options.web?.close();
    await Promise.all([this.#server.close(), this.#config.close()]);
    const [isSaved = true] = await Promise.all([this.#snapshots?.close(), this.#writer.close(DRAIN_MS)]);
    await Promise.all([this.#pool.close(), this.#previews.close()]);
    await this.#bcrypt?.close();
    return isSaved;
  }
}

/** What can be done about native histograms of which nothing is derived. */
const WAYS_OUT: Readonly<Record<DroppedHistograms['reason'], string>> = {
  unconfigured: 'the rule matches them, and has to say what is derived from them: set histogram.quantiles in it',
  turned_native:
    'the rule matches _count, _bucket or _sum of their metric; if these no longer come, because the metric is a native histogram now, have it match the metric itself, and set histogram.quantiles in it',
};

/** Whether a rule wants a series: its samples, or what is derived from its histograms. */
function wantedBy({ rules }: Config): (labels: Labels) => boolean {
  const chooseRule = ruleChooser(rules);
  return (labels) => chooseRule(labels) !== undefined;
}

/** The part of the web configuration that the server itself wants. */
function serverWeb(web: WebConfig): ServerWeb {
  return {
    get headers() {
      return web.headers;
    },
    tls: web.tls && {
      options: serverTlsOptions(web.tls.settings, web.tls.certificates),
      clientAuthType: web.tls.settings.clientAuthType,
    },
  };
}
