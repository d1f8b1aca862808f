const made: unique symbol = Symbol("made");

/**
 * An object that is made when something first looks into it. Descriptors are: reading all of flyteidl's costs a process
 * some twenty milliseconds at its start, and most processes need few of them.
 */
export function lazy<T extends object>(make: () => T): T {
  let object: T | undefined;
  const get = (): T => {
    object ??= make();
    return object;
  };
  return new Proxy({} as T, {
    get: (_, key) => (key === made ? get() : Reflect.get(get(), key)),
    has: (_, key) => Reflect.has(get(), key),
    ownKeys: () => Reflect.ownKeys(get()),
    getPrototypeOf: () => Reflect.getPrototypeOf(get()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(get(), key);
      // a proxy may only show what its own target lacks as something that could go away
      return found === undefined ? undefined : { ...found, configurable: true };
    },
  });
}

/** The object behind a lazy one, for whoever looks into it often; any other object as it is. */
export function eager<T extends object>(object: T): T {
  return (object as { readonly [made]?: T })[made] ?? object;
}
