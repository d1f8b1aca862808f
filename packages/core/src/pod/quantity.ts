const suffixes: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  "": 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 10n ** 9n * 2n ** 10n,
  Mi: 10n ** 9n * 2n ** 20n,
  Gi: 10n ** 9n * 2n ** 30n,
  Ti: 10n ** 9n * 2n ** 40n,
  Pi: 10n ** 9n * 2n ** 50n,
  Ei: 10n ** 9n * 2n ** 60n,
};

const syntax = /^\+?(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i))?$/;

/**
 * A Kubernetes quantity (`500m`, `2`, `1.5Gi`, `1e3`) in billionths of its unit, the smallest step that Kubernetes
 * knows; what is finer is rounded up, as there. Undefined for anything else, and for what is below zero.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = syntax.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", exponential, exponent = "0", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const power = BigInt(exponential === undefined ? 0 : Number(exponent)) - BigInt(fraction.length);
  const digits = BigInt(`${whole}${fraction}`) * (suffixes[suffix] as bigint);
  if (power >= 0n) return digits * 10n ** power;
  const divisor = 10n ** -power;
  return (digits + divisor - 1n) / divisor;
}

/** True for a quantity without a fraction. */
export function isWhole(quantity: bigint): boolean {
  return quantity % 10n ** 9n === 0n;
}
