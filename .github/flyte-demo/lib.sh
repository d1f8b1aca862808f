# Shared by up, in, connector and down: where Flyte's demo cluster in Docker answers (the ports are flytectl's own).
admin=127.0.0.1:30080
store=http://127.0.0.1:30002
registry=localhost:30000
container=flyte-sandbox
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state=${FLYTE_DEMO_STATE:-${TMPDIR:-/tmp}/flyte-ts-demo}
CONNECTOR=${FLYTE_CONNECTOR_PORT:-8000}

say() { printf '%5ds  %s\n' "$SECONDS" "$*" >&2; }
die() { echo "flyte-demo: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || die "$1 is not installed: $2"; }

# What a client of the cluster finds in its environment.
surroundings() {
  export FLYTE_ADMIN=$admin FLYTE_PLATFORM_URL=$admin FLYTE_PLATFORM_INSECURE=true FLYTE_CONNECTOR_PORT=$CONNECTOR
  export FLYTE_AWS_ENDPOINT=$store FLYTE_AWS_ACCESS_KEY_ID=minio FLYTE_AWS_SECRET_ACCESS_KEY=miniostorage AWS_REGION=us-east-1
  export KUBECONFIG=$HOME/.flyte/sandbox/kubeconfig
  export FLYTE_TS_IMAGE_REGISTRY=$registry
}

# The address of this machine, as the cluster's pods see it.
host_address() { docker exec "$container" getent hosts host.docker.internal | awk '{print $1; exit}'; }

# Ends the connector that `connector` started; none is fine.
stop_connector() {
  local pid
  [ -f "$state/connector.pid" ] || return 0
  pid=$(<"$state/connector.pid")
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  rm -f "$state/connector.pid"
}
