import { FlyteError } from "@flyte-ts/core/plugin";

/** What the operator can do about a port or an address that cannot be had. */
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: "something listens there already; end it, or choose another port",
  EACCES: "this user may not listen there; choose a port of 1024 or above",
  EADDRNOTAVAIL: "it is no address of this machine; choose one that is, such as 0.0.0.0 or 127.0.0.1",
  ENOTFOUND: "no machine is called so; choose an address of this one, such as 0.0.0.0 or 127.0.0.1",
  EINVAL: "it must be a stream socket that is open and bound",
};

/**
 * The error for a server that cannot listen.
 * @param what cannot be done, and where: `cannot listen at port 8000`.
 * @returns `InvalidInput` where another port, address or descriptor is what helps, else `Unavailable`.
 */
export function listenError(what: string, cause: Error & { readonly code?: string }): FlyteError {
  const remedy = remedies[cause.code ?? ""];
  return remedy === undefined
    ? new FlyteError("Unavailable", `${what}: ${cause.message}`, { cause })
    : new FlyteError("InvalidInput", `${what}: ${remedy} (${cause.code})`, { cause });
}
