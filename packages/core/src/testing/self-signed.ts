import { generateKeyPairSync, sign } from "node:crypto";

/**
 * A key and a certificate that nobody signed but itself, for 127.0.0.1, as PEM, for a day: for a server that stands for a
 * vendor in tests. Made anew at each call, so that no key stands in a repository.
 */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = seq(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)); // ecdsa-with-SHA256
  const name = seq(der(0x31, seq(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from("127.0.0.1"))))); // CN
  const address = seq(der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = seq(seq(oid(0x55, 0x1d, 0x11), der(0x04, address))); // subjectAltName
  const unsigned = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    seq(utcTime(Date.now() - 86_400_000), utcTime(Date.now() + 86_400_000)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", unsigned, privateKey));
  const cert = seq(unsigned, algorithm, signature).toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { byteLength: length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

const seq = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));

const utcTime = (time: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(time).toISOString().slice(2, 19).replace(/\D/g, "")}Z`));
