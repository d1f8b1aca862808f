import type { Flag } from "../arguments/flags.ts";

/** The flags of `flyte-ts serve connector`. */
export const serveConnectorFlags: readonly Flag[] = [
  {
    name: "plugin",
    value: "PACKAGE",
    many: true,
    purpose: "a plugin to serve; may stand several times  [default: FLYTE_TS_PLUGINS, or all that are installed]",
  },
  { name: "port", value: "PORT", purpose: "the port of gRPC  [default: 8000]" },
  { name: "host", value: "HOST", purpose: "the address to listen at  [default: all]" },
  { name: "metrics-port", value: "PORT", purpose: "the port of /metrics and /healthz  [default: 9090]" },
  { name: "no-metrics", purpose: "no /metrics and no /healthz" },
  { name: "strict", purpose: "a plugin that does not load ends the service; otherwise the others serve" },
  { name: "tls-cert", value: "FILE", purpose: "the server's certificate, in PEM: TLS" },
  { name: "tls-key", value: "FILE", purpose: "its key" },
  { name: "tls-client-ca", value: "FILE", purpose: "clients must show a certificate of this authority" },
  { name: "token-file", value: "FILE", purpose: "clients must show one of these bearer tokens, one a line" },
  { name: "max-request-mb", value: "N", purpose: "the most MiB of a request  [default: 64]" },
  {
    name: "max-connection-age",
    value: "S",
    purpose: "seconds until a connection is ended, to spread clients  [default: never]",
  },
  { name: "grace", value: "S", purpose: "seconds that calls get to finish after SIGTERM  [default: 25]" },
  { name: "drain-delay", value: "S", purpose: 'seconds between "not serving" and the end of listening  [default: 0]' },
  { name: "supervise", purpose: "hold the port, and start the service again in a child process when it ends" },
  {
    name: "fd",
    value: "N",
    purpose: "listen at this open socket in the place of a port (systemd's is found by itself)",
  },
  { name: "log-level", value: "LEVEL", purpose: "debug, info, warn or error  [default: info]" },
  { name: "check", purpose: "ask a service that runs for its health: exit code 0 if it serves" },
  { name: "service", value: "NAME", purpose: "with --check: of what, such as connector/bigquery_query_job_task" },
  { name: "tls-ca", value: "FILE", purpose: "with --check: the authority of the server's certificate" },
  { name: "debug", purpose: "show everything that is known when something goes wrong" },
  { name: "help", purpose: "this text" },
];

/** The help of `flyte-ts serve connector`. */
export const serveConnectorUsage = (
  flags: string,
): string => `Serves the connectors of plugins to Flyte v1 and v2, by gRPC.

Usage:
  flyte-ts serve connector [--plugin PACKAGE …] [options]

Options:
${flags}

Signals: SIGTERM and SIGINT drain, a second one ends at once; with --supervise, SIGUSR2 starts a new service, and lets the
old one finish.

Examples:
  flyte-ts serve connector --plugin @flyte-ts/bigquery --supervise
  flyte-ts serve connector --check --port 8000
`;
