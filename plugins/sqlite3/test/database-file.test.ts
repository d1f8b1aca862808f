import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { failureOf } from "@flyte-ts/core/testing";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { zipOf } from "./archives.ts";
import { makeDatabase, makeFile, runTemplate, testFolder } from "./fixture.ts";

const folder = testFolder();
const query = "select a from t order by a";
const schema = "create table t (a); insert into t values (1)";
const plain = makeDatabase(join(folder, "plain.db"), schema);

describe("a database", () => {
  it.each([
    ["a path", plain],
    ["a file URI", pathToFileURL(plain).href],
  ])("is read in place from %s", async (_, uri) => {
    expect((await runTemplate(folder, { query, uri })).rows).toEqual([{ a: 1 }]);
  });

  it("may have any name", async () => {
    const uri = makeDatabase(join(folder, "a b?c#d%20'ü.db"), schema);
    expect((await runTemplate(folder, { query, uri })).rows).toEqual([{ a: 1 }]);
  });

  it("is downloaded from a storage, and unpacked", async () => {
    const files: Record<string, Uint8Array> = {
      "/plain.db": readFileSync(plain),
      "/packed": zipOf([{ name: "plain.db", content: readFileSync(plain) }]),
    };
    const server = createServer(({ url = "" }, response) => {
      const file = files[url];
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await runTemplate(folder, { query, uri: `${host}/plain.db` })).rows).toEqual([{ a: 1 }]);
      expect((await runTemplate(folder, { query, uri: `${host}/packed`, compressed: true })).rows).toEqual([{ a: 1 }]);
      const error = await failureOf(runTemplate(folder, { query, uri: `${host}/none.db` }));
      expect([error.code, error.kind, error.recoverable]).toEqual(["NotFound", "user", false]);
      expect(error.message).toContain("none.db");
    } finally {
      server.close();
    }
  });
});

describe("a database in WAL mode", () => {
  const walDatabase = (
    name: string,
  ): { readonly uri: string; readonly place: string; readonly database: Database.Database } => {
    const place = join(folder, name);
    mkdirSync(place);
    const uri = join(place, "wal.db");
    const database = new Database(uri);
    database.pragma("journal_mode = wal");
    database.exec(schema);
    return { uri, place, database };
  };

  it("is read without a trace beside it", async () => {
    const { uri, place, database } = walDatabase("closed");
    database.close();
    const before = readFileSync(uri);
    expect((await runTemplate(folder, { query, uri })).rows).toEqual([{ a: 1 }]);
    expect(readdirSync(place)).toEqual(["wal.db"]);
    expect(readFileSync(uri)).toEqual(before);
  });

  it("is read with what its log holds, while somebody writes it", async () => {
    const { uri, database } = walDatabase("open");
    try {
      database.pragma("wal_autocheckpoint = 0");
      database.exec("insert into t values (2)");
      expect((await runTemplate(folder, { query, uri })).rows).toEqual([{ a: 1 }, { a: 2 }]);
    } finally {
      database.close();
    }
  });

  it("is read from an archive", async () => {
    const { uri, place, database } = walDatabase("packed");
    database.close();
    const archive = makeFile(join(place, "wal.zip"), zipOf([{ name: "wal.db", content: readFileSync(uri) }]));
    expect((await runTemplate(folder, { query, uri: archive, compressed: true })).rows).toEqual([{ a: 1 }]);
  });
});

describe("reading", () => {
  it("changes nothing and leaves nothing in the folder of the database", async () => {
    const place = join(folder, "untouched");
    mkdirSync(place);
    const uri = join(place, "a.db");
    copyFileSync(plain, uri);
    await failureOf(runTemplate(folder, { query: "drop table t", uri }));
    await runTemplate(folder, { query, uri });
    expect(readdirSync(place)).toEqual(["a.db"]);
    expect(readFileSync(uri)).toEqual(readFileSync(plain));
  });
});
