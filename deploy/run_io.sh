#!/bin/sh
# Puts extra load on one of the sample workloads, so that you can watch an anomaly being found.
set -eu

usage() {
  cat >&2 <<USAGE
usage: $0 [spike | start | stop] [web | batch]
  spike   extra load for three minutes (this is the default)
  start   extra load until stop
  stop    no more of it
USAGE
  exit 2
}

action=${1:-spike}
service=${2:-web}
case $action in spike | start | stop) ;; *) usage ;; esac
case $service in web | batch) ;; *) usage ;; esac

cd "$(dirname "$0")/.."
compose() {
  if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

# The workload looks at this file once a second; in it is a Unix time.
file=/tmp/extra-load-until
case $action in
  spike)
    compose exec -T "$service" sh -c "echo $(($(date +%s) + 180)) >$file"
    echo "$service works far more than usual for the next three minutes."
    ;;
  start)
    compose exec -T "$service" sh -c "echo 99999999999 >$file"
    echo "$service works far more than usual, until: $0 stop $service"
    ;;
  stop)
    compose exec -T "$service" rm -f "$file"
    echo "$service works as usual again."
    exit
    ;;
esac

# Prints where a service can be opened; nothing where it does not run.
print_url() {
  address=$(compose port "$2" "$3" 2>/dev/null) && [ -n "$address" ] && echo "  $1 http://$address$4"
  return 0
}
echo 'Within half a minute its score is over 1:'
print_url 'Grafana     ' grafana 3000 ''
print_url 'Sentio      ' sentio 9201 ''
print_url 'Prometheus  ' prometheus 9090 '/graph?g0.expr=docker_container_cpu_usage_percent_anomaly_score&g0.tab=0&g0.range_input=15m'
print_url 'Alertmanager' alertmanager 9093 ''
