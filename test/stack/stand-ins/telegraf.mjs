// Stands in for Telegraf: names and labels as its docker input and its prometheus_client output have them under
// deploy/telegraf/telegraf.conf.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const ENGINE = 'http://docker-socket-proxy:2375';
const INTERVAL_MS = 5000;

const get = async (path) => (await fetch(`${ENGINE}${path}`)).json();
const sum = (objects, key) => objects.reduce((total, object) => total + object[key], 0);

/** Metric, label of its kind, value. */
function metricsOf({ cpu_stats: cpu, precpu_stats: before, memory_stats: memory, networks = {}, blkio_stats: blkio }) {
  const cpuShare =
    (cpu.cpu_usage.total_usage - before.cpu_usage.total_usage) / (cpu.system_cpu_usage - before.system_cpu_usage);
  const memoryBytes = memory.usage - (memory.stats.total_inactive_file ?? memory.stats.inactive_file);
  const bytesOf = (operation) =>
    (blkio.io_service_bytes_recursive ?? []).filter(({ op }) => op.toLowerCase() === operation);
  return [
    ['docker_container_cpu_usage_percent', ['cpu', 'cpu-total'], cpuShare * cpu.online_cpus * 100],
    ['docker_container_mem_usage', undefined, memoryBytes],
    ['docker_container_mem_usage_percent', undefined, (memoryBytes / memory.limit) * 100],
    ['docker_container_net_rx_bytes', ['network', 'total'], sum(Object.values(networks), 'rx_bytes')],
    ['docker_container_net_tx_bytes', ['network', 'total'], sum(Object.values(networks), 'tx_bytes')],
    ['docker_container_blkio_io_service_bytes_recursive_read', ['device', 'total'], sum(bytesOf('read'), 'value')],
    ['docker_container_blkio_io_service_bytes_recursive_write', ['device', 'total'], sum(bytesOf('write'), 'value')],
  ];
}

async function linesOf({ Id: id, Names: [name] }, engineHost) {
  const stats = await get(`/containers/${id}/stats?stream=false`);
  return metricsOf(stats)
    .filter(([, , value]) => Number.isFinite(value))
    .map(([metric, kind, value]) => {
      const labels = [['container_name', name.slice(1)], ['engine_host', engineHost], ...(kind ? [kind] : [])];
      return `${metric}{${labels.map(([key, text]) => `${key}="${text}"`).join()}} ${value}`;
    });
}

let page = '';
createServer((_request, response) => response.end(page)).listen(9273);
process.on('SIGTERM', () => process.exit());
for (;;) {
  try {
    const { Name: engineHost } = await get('/info');
    const containers = await get('/containers/json');
    const lines = await Promise.allSettled(containers.map((container) => linesOf(container, engineHost)));
    page = `${lines.flatMap(({ value = [] }) => value).join('\n')}\n`;
  } catch (error) {
    console.error(error);
  }
  await sleep(INTERVAL_MS - (Date.now() % INTERVAL_MS));
}
