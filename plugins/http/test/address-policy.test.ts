import { failureOf } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressPolicy, type ResolvedAddress } from "../src/address-policy.ts";
import { HttpConnector } from "../src/connector.ts";
import { call, testServer } from "./fixture.ts";

/** What the lookup of a policy gives for a name with some addresses. */
function lookedUp(
  addresses: readonly string[],
  allow: readonly string[] = [],
  hostname = "name.example",
): Promise<unknown> {
  const resolved: ResolvedAddress[] = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const policy = new AddressPolicy({ allow, resolve: async () => resolved });
  return new Promise((resolve) => {
    policy.lookup(hostname, { all: true }, (error, found) => resolve(error ?? found));
  });
}

const closed = [
  "127.0.0.1",
  "127.255.0.3",
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "168.63.129.16",
  "169.254.169.254",
  "172.31.255.255",
  "192.0.0.192",
  "192.31.196.1",
  "192.52.193.1",
  "192.168.1.1",
  "192.175.48.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "64:ff9b::a00:1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "2620:4f:8000::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fec0::1",
  "ff02::1",
];

describe("without an allowance", () => {
  it.each(closed)("%s is refused, by name and as it stands", async (address) => {
    expect(await lookedUp([address])).toMatchObject({ code: "PermissionDenied" });
    const url = new URL(address.includes(":") ? `http://[${address}]/` : `http://${address}/`);
    expect(() => new AddressPolicy().checkHost(url.hostname)).toThrow(/FLYTE_TS_HTTP_ALLOW/);
  });

  it.each(["8.8.8.8", "168.63.129.17", "172.32.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::1111"])(
    "%s is reached",
    async (address) => {
      expect(await lookedUp([address])).toMatchObject([{ address }]);
    },
  );

  it("an IPv4 address is what it is in whichever form of IPv6 it comes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.ipV4(), async (address) => {
        const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
        const low = `${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
        const refused = async (form: string): Promise<boolean> => !Array.isArray(await lookedUp([form]));
        const forms = [address, `::ffff:${address}`, `::ffff:${low}`, `0:0:0:0:0:FFFF:${low}`, `64:ff9b::${low}`];
        expect(new Set(await Promise.all(forms.map(refused))).size).toBe(1);
      }),
    );
  });

  it("a name with a private address among public ones is refused", async () => {
    expect(await lookedUp(["8.8.8.8", "10.0.0.1"])).toMatchObject({ code: "PermissionDenied" });
  });

  it.each(["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://localhost/"])(
    "%s is refused",
    async (url) => {
      const error = await failureOf(call({ url }, { connector: new HttpConnector({ allow: [] }) }));
      expect([error.code, error.kind, error.recoverable]).toEqual(["PermissionDenied", "user", false]);
    },
  );

  it("a redirect to a private address is refused", async () => {
    const server = await testServer((_, response) => {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
    });
    const custom = { url: server.url, method: "GET", flyte_ts: {} };
    const error = await failureOf(call(custom, { connector: new HttpConnector({ allow: ["127.0.0.1"] }) }));
    expect(error.code).toBe("PermissionDenied");
    expect(server.got).toHaveLength(1);
  });

  it("the address that is checked is the one that is connected to", async () => {
    let looks = 0;
    const resolve = async (): Promise<ResolvedAddress[]> => {
      looks++;
      return [{ address: looks === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    };
    const server = await testServer();
    const { nodeClient } = await import("../src/client.ts");
    const client = nodeClient(new AddressPolicy({ allow: ["127.0.0.1"], resolve }));
    const custom = { url: `http://rebinding.example:${server.port}/`, method: "GET" };
    expect((await call(custom, { connector: new HttpConnector({ client }) })).phase).toBe("SUCCEEDED");
    const error = await failureOf(call(custom, { connector: new HttpConnector({ client }) }));
    expect(error.code).toBe("PermissionDenied");
    expect([looks, server.got.length]).toEqual([2, 1]);
  });
});

describe("the operator allows", () => {
  it.each([
    ["an address", "10.0.0.1", ["10.0.0.1"]],
    ["a network", "10.1.0.0/16", ["10.1.200.3"]],
    ["a network of IPv6", "fd00::/8", ["fd12::1"]],
    ["an IPv4 address that comes mapped", "127.0.0.1", ["::ffff:127.0.0.1"]],
    ["a host", "name.example", ["10.0.0.1"]],
    ["a domain", "*.example", ["10.0.0.1"]],
  ])("%s", async (_, allow, addresses) => {
    expect(await lookedUp(addresses, [allow])).toMatchObject([{ address: addresses[0] }]);
  });

  it("nothing besides", async () => {
    expect(await lookedUp(["10.2.0.1"], ["10.1.0.0/16", "other.example", "*.name.example"])).toMatchObject({
      code: "PermissionDenied",
    });
    expect(await lookedUp(["10.0.0.1"], ["*.example"], "evil-example")).toMatchObject({ code: "PermissionDenied" });
  });

  it("by a variable", () => {
    expect(AddressPolicy.entries({ FLYTE_TS_HTTP_ALLOW: " a.b, 10.0.0.0/8\n" })).toEqual(["a.b", "10.0.0.0/8"]);
  });

  it.each(["10.0.0.0/33", "http://a", "a/b", "10.0.0.0/x", "*"])("but not %s", (entry) => {
    expect(() => new AddressPolicy({ allow: [entry] })).toThrow(`"${entry}" in FLYTE_TS_HTTP_ALLOW`);
  });
});
