import { describe, expect, it } from "vitest";
import { documentCode } from "../documents.ts";

const fence = "```";

describe("the code of a document", () => {
  it("keeps every line of a module at its line in the document", () => {
    const { steps } = documentCode(
      `# A\n\n${fence}ts\nconst a = 1;\n${fence}\ntext\n${fence}ts more\nuse(a);\n${fence}\n`,
    );
    expect(steps).toEqual([{ name: "4.ts", line: 4, code: "\n\n\nconst a = 1;\n\n\n\nuse(a);\n" }]);
  });

  it("saves a block under the name that it asks for", () => {
    const { steps } = documentCode(`${fence}ts file=report.ts\nexport {};\n${fence}`);
    expect(steps).toEqual([{ name: "report.ts", line: 2, code: "\nexport {};\n" }]);
  });

  it("takes a block out of the run only with a reason", () => {
    const { steps } = documentCode(`${fence}ts no-run needs a Flyte cluster\nawait 1;\n${fence}`);
    expect(steps).toEqual([{ name: "2.ts", line: 2, code: "\nawait 1;\n", notRun: "needs a Flyte cluster" }]);
    const { findings } = documentCode(`${fence}ts no-run\nawait 1;\n${fence}`);
    expect(findings).toEqual([{ line: 2, text: expect.stringContaining("no-run with a reason") }]);
  });

  it("takes the comment that prepares a block", () => {
    const { steps } = documentCode("<!-- ts\nprepare();\n-->\n");
    expect(steps).toEqual([{ name: "2.ts", line: 2, code: "\nprepare();\n" }]);
  });

  it("joins the lines of a command and leaves other shell blocks alone", () => {
    const { steps } = documentCode(
      `${fence}sh\nrm x\n${fence}\n${fence}sh run\n# first\nnpx flyte-ts run \\\n  a.ts\nnpm run build\n${fence}`,
    );
    expect(steps).toEqual([
      { text: "npx flyte-ts run a.ts", line: 7 },
      { text: "npm run build", line: 8 },
    ]);
  });

  it("lets no block slip by under another name of the language", () => {
    const { findings } = documentCode(`${fence}typescript\nx\n${fence}`);
    expect(findings).toEqual([{ line: 2, text: 'say "ts" in the place of "typescript"' }]);
  });

  it("reads a block inside a list without its indent", () => {
    const { steps } = documentCode(`- so:\n\n  ${fence}ts\n  if (a) {\n    b();\n  }\n  ${fence}\n`);
    expect(steps).toEqual([{ name: "4.ts", line: 4, code: "\n\n\nif (a) {\n  b();\n}\n" }]);
  });
});
