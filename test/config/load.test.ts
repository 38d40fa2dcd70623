import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '#src/config/document/problems.js';
import { defaultConfig, loadConfig, parseConfig } from '#src/config/load.js';
import type { Secret } from '#src/lib/files/secret.js';
import type { Endpoint } from '#src/model/settings/endpoint.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { GOOD } from './testdata.js';

const WORKS = {
  name: 'works',
  days: [
    { name: 'Stocktaking', from: '06-30', to: '06-30' },
    { name: 'Works holidays', from: '12-24', to: '01-02' },
  ],
};

const SECRET_FILE = { file: join(GOOD, 'secret.txt') };

test('loadConfig() reads every way to log in at a peer', () => {
  const { remoteWrite, remoteRead } = loadConfig(join(GOOD, 'everything.yml'));
  const loginOf = ({ credentials, oauth2, sigv4, proxy }: Endpoint) => ({ credentials, oauth2, sigv4, proxy });
  const none = { credentials: {}, oauth2: undefined, sigv4: undefined, proxy: undefined };
  const bearer = (credentials: Secret) => ({
    ...none,
    credentials: { authorization: { type: 'Bearer', credentials } },
  });
  const proxy = { url: 'http://proxy:3128', noProxy: 'localhost', connectHeaders: { 'X-Team': 'hunter2' } };
  const oauth2 = {
    clientId: 'sentio',
    tokenUrl: 'https://login.example/token',
    endpointParams: { audience: 'hunter2' },
  };
  const keys = { accessKey: 'AKIA', secretKey: 'hunter2' };
  assert.deepEqual(remoteWrite.slice(2).map(loginOf), [
    { ...none, sigv4: { region: 'eu-central-1', keys } },
    { ...none, sigv4: { region: 'eu-central-1', profile: 'sentio' } },
    {
      ...none,
      proxy: { connectHeaders: {} },
      oauth2: {
        ...oauth2,
        clientSecret: SECRET_FILE,
        scopes: ['metrics.write', 'metrics.read'],
        tls: { insecureSkipVerify: true },
        proxy,
      },
    },
    bearer('hunter2'),
    bearer(SECRET_FILE),
  ]);
  assert.deepEqual(remoteRead.slice(2).map(loginOf), [
    { ...bearer(SECRET_FILE), proxy },
    {
      ...none,
      proxy: { connectHeaders: {} },
      oauth2: { ...oauth2, clientSecret: 'hunter2', scopes: ['metrics.read'], proxy: { connectHeaders: {} } },
    },
    { ...none, sigv4: { region: 'eu-central-1', keys } },
    bearer('hunter2'),
  ]);
});

test('loadConfig() reads every key there is', () => {
  const config = loadConfig(join(GOOD, 'everything.yml'));
  assert.deepEqual(config.receiver, {
    maxBodyBytes: 1_000_000,
    maxDecodedBytes: 2_000_000,
    maxInflightBytes: 3_000_000,
    maxConcurrentRequests: 4,
    requestTimeoutMs: 5_000,
    maxSamplesPerRequest: 6_000,
    maxSeries: 7,
    maxNewSeriesPerSecond: 17,
    maxSamplesPerSecond: 18,
    maxLabels: 8,
    maxLabelNameBytes: 9,
    maxLabelValueBytes: 10,
    maxFutureMs: 11 * MINUTE,
    maxReadSeries: 12,
    maxReadSamples: 13,
    readTimeoutMs: 14_000,
    writers: [
      { basicAuth: { username: 'prometheus', password: 'hunter2' } },
      { authorization: { type: 'Bearer', credentials: SECRET_FILE } },
    ],
    readers: [{ authorization: { type: 'Token', credentials: 'hunter2' } }],
    admins: [{ basicAuth: { username: 'root', password: 'hunter2' } }],
    externalLabels: ['cluster', 'replica'],
  });
  assert.deepEqual(config.engine, {
    seriesIdleTimeoutMs: 2 * HOUR,
    fitThreads: 3,
    snapshotIntervalMs: HOUR / 6,
    ownershipGraceMs: HOUR / 30,
  });
  assert.deepEqual(config.remoteWrite.slice(0, 2), [
    {
      name: 'main',
      url: 'https://prometheus.example/api/v1/write',
      credentials: { basicAuth: { username: 'sentio', password: SECRET_FILE } },
      tls: {
        caFile: SECRET_FILE.file,
        certFile: SECRET_FILE.file,
        keyFile: SECRET_FILE.file,
        serverName: 'prometheus',
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        insecureSkipVerify: true,
      },
      proxy: {
        url: 'http://sentio:hunter2@proxy:3128',
        noProxy: '10.0.0.0/8',
        connectHeaders: { 'X-Team': 'hunter2' },
      },
      headers: { 'X-Scope-OrgID': 'hunter2' },
      timeoutMs: 20_000,
      protocol: '2.0',
      futureMs: 0,
      capacity: 50_000,
      maxSamplesPerSend: 500,
      batchSendDeadlineMs: 1_000,
      minBackoffMs: 100,
      maxBackoffMs: 10_000,
      sampleAgeLimitMs: 30 * MINUTE,
    },
    {
      name: 'localhost:8428',
      url: 'http://localhost:8428/api/v1/write',
      credentials: { authorization: { type: 'Bearer', credentials: 'hunter2' } },
      headers: {},
      timeoutMs: 30_000,
      protocol: '1.0',
      futureMs: 24 * HOUR,
      capacity: 4_000_000,
      maxSamplesPerSend: 2_000,
      batchSendDeadlineMs: 5_000,
      minBackoffMs: 30,
      maxBackoffMs: 5_000,
      sampleAgeLimitMs: HOUR,
    },
  ]);
  assert.deepEqual(config.remoteRead.slice(0, 2), [
    {
      name: 'history',
      url: 'http://localhost:9090/api/v1/read',
      credentials: { authorization: { type: 'Bearer', credentials: 'hunter2' } },
      headers: { 'X-Scope-OrgID': 'hunter2' },
      timeoutMs: 2 * MINUTE,
      api: 'remote_read',
      windowMs: 6 * HOUR,
      maxSeriesPerRequest: 15,
      maxConcurrentRequests: 16,
      pauseMs: 17,
    },
    {
      name: 'localhost:9091',
      url: 'https://localhost:9091/api/v1/read',
      credentials: { basicAuth: { username: 'sentio', password: 'hunter2' } },
      tls: { insecureSkipVerify: true },
      headers: {},
      timeoutMs: MINUTE,
      api: 'remote_read',
      windowMs: 24 * HOUR,
      maxSeriesPerRequest: 100,
      maxConcurrentRequests: 2,
      pauseMs: 100,
    },
  ]);
  const [query, ...rules] = config.rules;
  assert.equal(query!.name, 'shop:errors:ratio');
  assert.deepEqual(query!.query, {
    expression: 'sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))',
    source: 'main',
    offsetMs: 1_000,
    labels: { team: 'shop' },
  });
  assert.deepEqual(
    config.querySources.map(({ name }) => name),
    ['main', 'localhost:9091', 'localhost:9092', 'localhost:9093', 'localhost:9094', 'localhost:9095'],
  );
  assert.deepEqual(rules, [
    {
      name: 'quoted',
      maxSeries: 19,
      selectors: [
        [
          { name: '__name__', type: '=', value: 'utf.8 name' },
          { name: 'label.x', type: '=~', value: 'a|b' },
        ],
        [
          { name: '__name__', type: '=', value: 'up' },
          { name: 'job', type: '!~', value: 'x.*' },
        ],
      ],
      settings: {
        timezone: 'Europe/Berlin',
        specialDays: [
          {
            calendar: { name: 'bavaria', country: { code: 'DE', region: 'BY', types: ['public', 'bank'] }, days: [] },
            meaning: { kind: 'like', weekday: 0 },
            beforeMs: 6 * HOUR,
            afterMs: HOUR,
          },
          {
            calendar: WORKS,
            meaning: { kind: 'ignore' },
            beforeMs: 0,
            afterMs: 0,
          },
          {
            calendar: { name: 'team', days: [], events: [] },
            meaning: { kind: 'learn', priorScale: 2 },
            beforeMs: 2 * DAY,
            afterMs: 0,
          },
        ],
        exclude: [
          {
            name: 'Black Friday',
            when: {
              kind: 'once',
              from: { timeMs: Date.UTC(2026, 10, 27, 8), isLocal: true },
              to: { timeMs: Date.UTC(2026, 10, 28), isLocal: false },
            },
            alarms: false,
            learn: false,
          },
          {
            name: 'saturday 22:00 for 6h',
            when: { kind: 'cron', expression: '0 22 * * 6', lengthMs: 6 * HOUR },
            alarms: true,
            learn: false,
          },
          {
            name: '0 2 * * * for 90m',
            when: { kind: 'cron', expression: '0 2 * * *', lengthMs: 90 * MINUTE },
            alarms: false,
            learn: true,
          },
          {
            name: 'works',
            when: { kind: 'calendar', calendar: WORKS },
            alarms: false,
            learn: false,
          },
        ],
        stepMs: 30_000,
        aggregate: 'last',
        histogram: { quantiles: [0.5, 0.99] },
        historyMs: 30 * DAY,
        resolutionMs: 30 * MINUTE,
        horizonMs: 2 * DAY,
        horizons: [
          { label: '1h', ms: HOUR },
          { label: '1d', ms: DAY },
        ],
        refitIntervalMs: 2 * HOUR,
        publishDelayMs: 3_000,
        leadMs: MINUTE,
        prophet: {
          timezone: 'Europe/Berlin',
          specialDays: 1048252807,
          growth: 'logistic',
          nChangepoints: 10,
          changepointRange: 0.9,
          changepointPriorScale: 0.1,
          // Midnight in Berlin, and 18:00 in UTC.
          changepointsMs: [Date.parse('2025-12-31T23:00Z'), Date.parse('2026-01-31T18:00Z')],
          dayTypes: 'weekend',
          yearlySeasonality: false,
          weeklySeasonality: true,
          dailySeasonality: 8,
          seasonalities: [
            {
              name: 'shift',
              periodMs: 8 * HOUR,
              fourierOrder: 3,
              priorScale: 5,
              mode: 'additive',
              weekdays: 0b0111110,
            },
          ],
          seasonalityMode: 'multiplicative',
          seasonalityPriorScale: 2,
          holidaysPriorScale: 3,
          holidaysMode: 'additive',
          scaling: 'absmax',
          intervalWidth: 0.9,
          cap: 100,
          floor: -1,
          optimizer: 'stan',
          outliers: 'learn',
        },
        interval: 'prophet',
        bounds: { min: -1, max: 100 },
        limits: {
          min: 0,
          max: {
            selector: 'size{type="hard"}',
            matchers: [
              { name: '__name__', type: '=', value: 'size' },
              { name: 'type', type: '=', value: 'hard' },
            ],
            on: ['instance', 'job'],
            factor: 0.9,
          },
        },
        anomaly: {
          direction: 'down',
          minDeviation: { up: 1, down: 1 },
          minRelativeDeviation: { up: 0.1, down: 0 },
          falseAlarmsPerWeek: 3,
        },
        acceptAfterMs: 10_800_000,
        publishesKind: true,
        severity: 'page',
        missingAfterMs: 1_200_000,
      },
    },
  ]);
  assert.deepEqual(config.markers, [
    {
      name: 'deploy',
      selectors: [
        [{ name: '__name__', type: '=', value: 'build_info' }],
        [
          { name: '__name__', type: '=', value: 'other_info' },
          { name: 'job', type: '!=', value: 'x' },
        ],
      ],
      labels: ['version', 'revision'],
      by: ['cluster', 'job'],
    },
    {
      name: 'restart',
      selectors: [[{ name: '__name__', type: '=', value: 'process_start_time_seconds' }]],
      labels: [],
    },
  ]);
});

test('defaultConfig() tracks every series and has no peers', () => {
  const { rules, remoteWrite, remoteRead } = defaultConfig();
  assert.deepEqual([remoteWrite, remoteRead], [[], []]);
  assert.deepEqual(
    rules.map(({ name, selectors }) => ({ name, selectors })),
    [{ name: 'default', selectors: [[{ name: '__name__', type: '=~', value: '.+' }]] }],
  );
});

test('defaultConfig() has the default resolution, delay and lead of a step of a minute', () => {
  const { settings } = defaultConfig().rules[0]!;
  assert.equal(settings.stepMs, MINUTE);
  // 15d / 2200 = 9.8m
  assert.equal(settings.resolutionMs, 10 * MINUTE);
  assert.equal(settings.publishDelayMs, 10_000);
  assert.equal(settings.leadMs, MINUTE);
});

test('resolution, publish_delay and lead follow step and history', () => {
  const cases: [keys: string, resolutionMs: number, publishDelayMs: number, leadMs: number][] = [
    ['step: 1m, history: 2200m', MINUTE, 10_000, MINUTE],
    ['step: 1m, history: 2201m', 2 * MINUTE, 10_000, MINUTE],
    ['step: 7s, history: 15d', 595_000, 3_500, 7_000],
    ['step: 101ms, history: 1m', 101, 50, 101],
    ['step: 1h, history: 30d', HOUR, 10_000, 4 * MINUTE],
    ['step: 1m, history: 15d, lead: 0s, publish_delay: 0s, resolution: 12m', 12 * MINUTE, 0, 0],
  ];
  for (const [keys, ...expected] of cases) {
    const { settings } = parseConfig(`defaults: {${keys}}`, '/').rules[0]!;
    assert.deepEqual([settings.resolutionMs, settings.publishDelayMs, settings.leadMs], expected, keys);
  }
});

test('a rule takes its own keys, else those of defaults, else the built-in ones', () => {
  const [inherits, overrides, undoes] = loadConfig(join(GOOD, 'inheritance.yml')).rules.map(({ settings }) => settings);
  const builtIn = defaultConfig().rules[0]!.settings;

  assert.equal(inherits!.stepMs, 2 * MINUTE);
  assert.equal(inherits!.historyMs, builtIn.historyMs);
  assert.equal(inherits!.prophet.cap, 100);
  assert.deepEqual(inherits!.bounds, { min: 0, max: 100 });

  assert.equal(overrides!.stepMs, 4 * MINUTE);
  assert.deepEqual(overrides!.horizons, [{ label: '3h', ms: 3 * HOUR }]);
  assert.deepEqual(overrides!.bounds, { min: 0, max: 60 });
  assert.equal(overrides!.prophet.cap, 50);
  assert.equal(overrides!.prophet.changepointPriorScale, 0.5);
  assert.equal(overrides!.prophet.nChangepoints, builtIn.prophet.nChangepoints);
  assert.deepEqual(overrides!.prophet.seasonalities, [
    { name: 'shift', periodMs: 8 * HOUR, fourierOrder: 3, priorScale: 3, mode: 'additive' },
    { name: 'break', periodMs: 4 * HOUR, fourierOrder: 2, priorScale: 1, mode: 'multiplicative' },
  ]);

  assert.equal(undoes!.stepMs, builtIn.stepMs);
  assert.equal(undoes!.prophet.cap, undefined);
  assert.equal(undoes!.prophet.changepointPriorScale, 0.5);
  assert.deepEqual(undoes!.bounds, {});
});

test('sections and keys without a value mean the built-in ones', () => {
  const { rules, ...rest } = loadConfig(join(GOOD, 'empty-sections.yml'));
  const { rules: builtIn, ...defaults } = defaultConfig();
  assert.deepEqual(rules[0]!.settings, builtIn[0]!.settings);
  assert.deepEqual({ ...rest, effective: null }, { ...defaults, effective: null });
});

test('environment variables are not expanded', () => {
  const { rules } = parseConfig('rules: [{name: $HOME, match: [up]}]', '/');
  assert.equal(rules[0]!.name, '$HOME');
});

test('the configuration is frozen all the way down', () => {
  const { rules } = defaultConfig();
  assert.throws(() => Object.assign(rules[0]!.settings.prophet, { growth: 'flat' }), TypeError);
});

test('a problem has its path, line and column as data', () => {
  assert.throws(
    () => parseConfig('engine:\n  fit_threads: 0\n', '/'),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems, [
        { path: 'engine.fit_threads', message: 'must be >= 1, got 0', line: 2, column: 3 },
      ]);
      return true;
    },
  );
});

test('a problem behind an alias is placed where the value is written', () => {
  assert.throws(
    () => parseConfig('defaults: {prophet: &p {growth: cubic}}\nrules:\n  - {name: a, match: [a], prophet: *p}\n', '/'),
    / 1:25: defaults\.prophet\.growth: .*\n1:25: rules\[0\]\.prophet\.growth: /,
  );
});

test('loadConfig() of a file that is not there says so', () => {
  assert.throws(
    () => loadConfig('/nowhere/sentio.yml'),
    /^ConfigError: cannot read the file: ENOENT.*\/nowhere\/sentio\.yml/,
  );
});

test('results of a query count as they come, and are waited for as long as they are late', () => {
  const sources = 'query_sources: [{url: "http://localhost/api/v1/query_range"}]';
  const settingsOf = (keys: string) =>
    parseConfig(`${sources}\nqueries: [{name: load, expr: sum(load)${keys}}]`, '/').rules[0]!.settings;
  assert.equal(settingsOf('').aggregate, 'last');
  assert.equal(settingsOf(', aggregate: rate').aggregate, 'rate');
  assert.equal(settingsOf('').publishDelayMs, 40_000);
  assert.equal(settingsOf(', offset: 0s').publishDelayMs, 10_000);
  assert.equal(settingsOf(', offset: 1m').publishDelayMs, 70_000);
  assert.equal(settingsOf(', offset: 1m, publish_delay: 2m').publishDelayMs, 120_000);
});

test('a marker of labels groups by cluster, namespace and job unless it says otherwise', () => {
  const by = (text: string) => parseConfig(`markers: [{name: a, match: [up], ${text}}]`, '.').markers[0]!.by;
  assert.deepEqual(by('labels: [version]'), ['cluster', 'namespace', 'job']);
  assert.deepEqual(by('labels: [namespace]'), ['cluster', 'job']);
  assert.deepEqual(by('labels: [version], by: []'), []);
  assert.equal(by('labels: []'), undefined);
});
