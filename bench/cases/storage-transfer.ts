/** Copies a file or a folder and prints the seconds: `storage-transfer.ts up|down one|many FROM TO`. */
import { downloadFolder, StorageRegistry, uploadFile, uploadFolder } from "@flyte-ts/core/plugin";

const [direction, what, from = "", to = ""] = process.argv.slice(2);
const storage = new StorageRegistry();
const began = performance.now();
if (direction === "up") await (what === "one" ? uploadFile : uploadFolder)(storage, from, to);
else if (what === "one") await storage.download(from, to);
else await downloadFolder(storage, from, to);
console.log((performance.now() - began) / 1000);
