#!/usr/bin/env node
import { Command, Option } from 'commander';
import { backtest } from './backtest/backtest.js';
import { checkConfig, checkWebConfig } from './cli/check-config.js';
import { LOG_FORMATS, LOG_LEVELS } from './cli/log.js';
import { serve } from './cli/serve.js';
import { demo } from './demo/demo.js';
import { forecast } from './future/forecast.js';
import { MAX_CONNECTIONS } from './http/request/connections.js';
import { VERSION } from './lib/version.js';
import { checkRules } from './try/check-rules.js';
import { tryOut } from './try/try.js';

const program = new Command('sentio')
  .description('Foresight for Prometheus: forecasts, intervals and anomaly scores for its series.')
  .version(VERSION);

program
  .command('serve')
  .description('run the adapter')
  .option('--config.file <path>', 'configuration file (default: every series is accepted, with default settings)')
  .option(
    '--web.listen-address <host:port>',
    'address to listen on (default: 127.0.0.1:9201; 0.0.0.0:9201 where everybody needs a login)',
  )
  .option(
    '--web.external-url <url>',
    'where browsers find Sentio, if by a name that it cannot know: requests for that host are answered without a login too; links of alerts to the page begin with it',
  )
  .option(
    '--web.config.file <path>',
    'TLS, client certificates and users (bcrypt), in the form of Prometheus; read again when it changes',
  )
  .option('--web.max-connections <n>', 'HTTP connections at one time', String(MAX_CONNECTIONS))
  .option('--web.enable-lifecycle', 'allow POST /-/reload', false)
  .option('--storage.path <folder>', 'folder for snapshots, which keep history and models over a restart')
  .option(
    '--memory.budget <size>',
    'resident memory above which new series are refused, for example 2GB; 0: no limit (default: three quarters of what the cgroup or the machine has)',
  )
  .addOption(new Option('--log.level <level>', 'lowest level to log').choices(LOG_LEVELS).default('info'))
  .addOption(
    new Option('--log.format <format>', 'form of the log')
      .choices(LOG_FORMATS)
      .default(process.stderr.isTTY ? 'pretty' : 'json', 'pretty in a terminal, else json'),
  )
  .action(async (options) => {
    process.exitCode = await serve({
      configFile: options['config.file'],
      listenAddress: options['web.listenAddress'],
      externalUrl: options['web.externalUrl'],
      webConfigFile: options['web.config.file'],
      enableLifecycle: options['web.enableLifecycle'],
      maxConnections: options['web.maxConnections'],
      storagePath: options['storage.path'],
      memoryBudget: options['memory.budget'],
      log: { level: options['log.level'], format: options['log.format'] },
    });
  });

program
  .command('demo')
  .description(
    'the whole job in one command: a made-up workload with an anomaly every minute, forecast and scored live',
  )
  .option('--web.listen-address <host:port>', 'address to listen on', '127.0.0.1:9201')
  .action(async (options) => {
    process.exitCode = await demo({ listenAddress: options['web.listenAddress'] });
  });

program
  .command('try')
  .description('what would it say about my Prometheus? Reads it, changes nothing, and writes a report and a sentio.yml')
  .argument('<url>', 'address of a Prometheus or VictoriaMetrics, such as http://localhost:9090')
  .argument('[selector...]', 'PromQL selectors or expressions; without any it looks for series worth watching')
  .option('--limit <n>', 'series to replay (default: 40)')
  .option('--out <folder>', 'folder for report.html and sentio.yml', 'sentio-try')
  .option('--config.file <path>', 'configuration file whose remote_read has the login for that address')
  .action(async (url: string, texts: string[], options) => {
    const { limit, out } = options;
    process.exitCode = await tryOut({ url, texts, limit, out, configFile: options['config.file'] });
  });

program
  .command('forecast')
  .description('what comes next? Print the future of a series, with its interval and components, without a service')
  .argument('<source>', 'CSV file (ds,y or unix_seconds,value), or the address of a Prometheus')
  .argument('[selector]', 'PromQL selector or expression of what to forecast there')
  .option('--horizon <duration>', "how far ahead, such as 7d (default: the rule's horizon, 1d)")
  .option('--step <duration>', "distance of the forecasts (default: a file's sampling interval, or the rule's step)")
  .option('--history <duration>', "learn from this much at the end (default: a whole file, or the rule's history)")
  .option('--config.file <path>', "configuration file; the rule that matches the series, or the file's name, decides")
  .option('--include-history', 'print what the model says of the past too')
  .option('--json', 'print JSON instead of CSV')
  .option('--picture <file>', 'draw it into an .svg or .html file')
  .action(async (source: string, selector: string | undefined, options) => {
    endWithReader();
    process.exitCode = await forecast({ ...options, source, selector, configFile: options['config.file'] });
  });

program
  .command('check-config')
  .description('check a configuration file and report every mistake in it')
  .argument('<file>', 'configuration file')
  .option('--web.config.file <path>', 'check this web configuration too')
  .option('--prometheus <url>', 'say how many of its series each rule and marker takes, and why one takes none')
  .action(async (file: string, options) => {
    const web: string | undefined = options['web.config.file'];
    const codes: number[] = [
      checkConfig(file, process.stdout),
      web === undefined ? 0 : checkWebConfig(web, process.stdout),
    ];
    if (codes[0] === 0 && options.prometheus !== undefined) {
      codes.push(await checkRules(file, options.prometheus, process.stdout));
    }
    process.exitCode = Math.max(...codes);
  });

program
  .command('backtest')
  .description('would it have paged me? Replay historical series')
  .argument('[path...]', 'CSV files (unix_seconds,value[,label]), or folders of them')
  .option('--prometheus <url>', 'replay series of this Prometheus or VictoriaMetrics instead of files')
  .option('--match <selector...>', 'PromQL selectors of the series to replay from there')
  .option(
    '--start <time>',
    'RFC 3339, Unix seconds, or relative such as -7d: samples before it are history and are not evaluated',
  )
  .option('--end <time>', 'end of the range, exclusive')
  .option(
    '--config.file <path>',
    "configuration file; the rule that matches a series, or a file's name, decides its settings",
  )
  .option(
    '--step <duration>',
    "resolution of the scores; without it a file's own sampling interval, or the rule's step",
  )
  .option(
    '--horizon <duration>',
    'evaluate forecasts made this far ahead (default: the published interval of each step)',
  )
  .option('--out <folder>', 'write report.html and one CSV file of forecasts and scores per series to this folder')
  .option('--json', 'print everything as JSON')
  .option('--set <key=value...>', 'say which alarms other settings would take away, such as anomaly.min_deviation=5')
  .option('--tune', 'try other settings for each rule, and print a better rule if there is one')
  .action(async (paths: string[], options) => {
    process.exitCode = await backtest({ ...options, paths, configFile: options['config.file'] });
  });

await program.parseAsync();

/** A reader such as head that has enough ends the command, and is no fault. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
