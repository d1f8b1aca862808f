import { FlyteError } from "../errors/flyte-error.ts";

const signals = ["SIGINT", "SIGTERM"] as const;
type SignalName = (typeof signals)[number];

/** Where a listener of this file keeps whom it tells; its presence marks the listener as one. */
const waiting: unique symbol = Symbol.for("flyte-ts.termination");

interface OwnListener {
  (name: SignalName): void;
  /** Who is to be told; true for those who have been. */
  readonly [waiting]: Map<(name: SignalName) => void, boolean>;
}

/** A signal that is aborted with another one, or when the process is told to end. */
export interface Told extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * While it lasts, a process that is told to end (SIGINT, SIGTERM) is not ended at once: the signal is aborted instead, and
 * the process ends as it would have when the last one who waits is through. Told twice, it ends at once. In a process
 * that handles these signals itself nothing happens.
 */
export function untilTold(signal: AbortSignal): Told {
  const told = new AbortController();
  let by: SignalName | undefined;
  const tell = (name: SignalName): void => {
    by = name;
    told.abort(new FlyteError("Cancelled", `the process was told to end (${name})`));
  };
  for (const name of signals) listenerOf(name)?.[waiting].set(tell, false);
  return {
    signal: AbortSignal.any([signal, told.signal]),
    [Symbol.dispose]() {
      for (const name of signals) {
        const listener = present(name).find(isOwn);
        listener?.[waiting].delete(tell);
        if (listener?.[waiting].size !== 0) continue;
        process.removeListener(name, listener);
        if (by === name) process.kill(process.pid, name);
      }
    },
  };
}

const present = (name: SignalName): readonly object[] => process.listeners(name);

const isOwn = (listener: object): listener is OwnListener => waiting in listener;

/** The one listener of all who wait; undefined where others listen already. */
function listenerOf(name: SignalName): OwnListener | undefined {
  const listeners = present(name);
  const own = listeners.find(isOwn);
  if (own !== undefined || listeners.length > 0) return own;
  const toTell: OwnListener[typeof waiting] = new Map();
  const listen = (by: SignalName): void => {
    if ([...toTell.values()].includes(true)) {
      process.removeListener(name, made);
      process.kill(process.pid, by);
    }
    for (const tell of [...toTell.keys()]) {
      toTell.set(tell, true);
      tell(by);
    }
  };
  const made: OwnListener = Object.assign(listen, { [waiting]: toTell });
  process.on(name, made);
  return made;
}
