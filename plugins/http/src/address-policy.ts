import { lookup as systemLookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { FlyteError } from "@flyte-ts/core/plugin";
import { entriesOf, isHostPattern, matchesHost } from "./host-pattern.ts";

/** The variable that names what may be reached though it is private: hosts, `*.domain`, addresses and CIDRs, with commas. */
const allowVariable = "FLYTE_TS_HTTP_ALLOW";

/** An address as DNS gives it. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Which addresses requests may go to. */
export interface AddressPolicyOptions {
  /** Hosts (`hooks.internal`, `*.corp.example`), addresses and CIDRs (`10.1.0.0/16`, `fd00::/8`) that may be reached. */
  readonly allow?: readonly string[];
  /** The way from names to addresses; the system's by default. */
  readonly resolve?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

/**
 * What is no public address of IPv4 (IANA's special-purpose registry), multicast included; and 168.63.129.16, where Azure's
 * platform answers the virtual machine that asks (Microsoft, "What is IP address 168.63.129.16?").
 */
const specialIpv4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;

/** What is none inside of IPv6's global unicast, 2000::/3; all outside of it is none either. */
const specialIpv6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
] as const;

/**
 * Keeps requests away from the cluster's own network: loopback, link-local (with the clouds' metadata services), private
 * and other special addresses are refused unless the operator allows them. The address that a connection is made to is
 * the one that is checked, so a name that changes its address between two looks gains nothing.
 */
export class AddressPolicy {
  readonly #hosts: string[] = [];
  readonly #allowed = new BlockList();
  readonly #special = new BlockList();
  readonly #global = new BlockList();
  readonly #resolve: (hostname: string) => Promise<readonly ResolvedAddress[]>;

  /** @throws FlyteError `InvalidInput` for an entry of `allow` that is no host, address or CIDR. */
  constructor({ allow = [], resolve = systemAddresses }: AddressPolicyOptions = {}) {
    this.#resolve = resolve;
    for (const [address, bits] of specialIpv4) this.#special.addSubnet(address, bits, "ipv4");
    for (const [address, bits] of specialIpv6) this.#special.addSubnet(address, bits, "ipv6");
    this.#global.addSubnet("2000::", 3, "ipv6");
    for (const entry of allow) this.#allow(entry);
  }

  /** The entries of `FLYTE_TS_HTTP_ALLOW`. */
  static entries(env: Readonly<Record<string, string | undefined>>): readonly string[] {
    return entriesOf(env[allowVariable]);
  }

  /**
   * Checks a URL's host when it is an address; names are checked when they are looked up.
   * @throws FlyteError `PermissionDenied`.
   */
  checkHost(hostname: string): void {
    const host = bare(hostname);
    if (isIP(host) !== 0 && !this.#isAllowed(host)) throw refused(hostname);
  }

  /** The lookup that connections are made with: gives only addresses that may be reached, or an error. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#addresses(hostname).then(
      (addresses) => {
        const { all, family } = options;
        const wanted = family === 4 || family === 6 ? addresses.filter((one) => one.family === family) : addresses;
        const [first] = wanted.length === 0 ? addresses : wanted;
        if (all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };

  async #addresses(hostname: string): Promise<readonly ResolvedAddress[]> {
    const addresses = await this.#resolve(hostname);
    const named = this.#hosts.some((host) => matchesHost(host, hostname));
    if (!named && addresses.some(({ address }) => !this.#isAllowed(address))) throw refused(hostname);
    return addresses;
  }

  #isAllowed(address: string): boolean {
    const [plain = ""] = address.split("%");
    const inner = embeddedIpv4(plain);
    const family = isIP(inner) === 4 ? "ipv4" : "ipv6";
    if (this.#allowed.check(inner, family)) return true;
    if (family === "ipv6" && !this.#global.check(inner, "ipv6")) return false;
    return !this.#special.check(inner, family);
  }

  #allow(entry: string): void {
    const [address = "", bits, ...more] = entry.split("/");
    const host = bare(address);
    const family = isIP(host);
    const width = family === 4 ? 32 : 128;
    if (family !== 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= width))) {
      this.#allowed.addSubnet(host, Number(bits ?? width), family === 4 ? "ipv4" : "ipv6");
    } else if (bits === undefined && isHostPattern(host)) {
      this.#hosts.push(host);
    } else {
      throw new FlyteError(
        "InvalidInput",
        `"${entry}" in ${allowVariable} is no host (hooks.internal, *.corp.example), address or CIDR (10.1.0.0/16)`,
      );
    }
  }
}

const systemAddresses = (hostname: string): Promise<readonly ResolvedAddress[]> =>
  systemLookup(hostname, { all: true, verbatim: true });

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");

/** The IPv4 address in an IPv4-mapped one (`::ffff:a.b.c.d`) or one of NAT64 (`64:ff9b::/96`); any other as it is. */
function embeddedIpv4(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = ipv6Groups(address);
  const head = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(":");
  if (head !== "0:0:0:0:0:ffff" && head !== "64:ff9b:0:0:0:0") return address;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight numbers of a valid IPv6 address, whose canonical text the URL parser makes. */
function ipv6Groups(address: string): readonly number[] {
  const [head = "", tail] = bare(new URL(`http://[${address}]`).hostname).split("::");
  const numbers = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [numbers(head), numbers(tail ?? "")];
  return tail === undefined
    ? before
    : [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The address is left out: it would tell who sees the message what the network looks like. */
const refused = (hostname: string): FlyteError =>
  new FlyteError(
    "PermissionDenied",
    `the host ${hostname} has an address that is not public; the connector's operator can allow it in ${allowVariable}`,
  );
