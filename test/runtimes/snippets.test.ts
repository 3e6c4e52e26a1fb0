import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { root } from "./places.ts";

/**
 * The ```ts blocks of a document are one program, in their order, which is compiled and run. What a reader needs not see,
 * such as data, stands between them in comments that begin with "ts": <!-- ts … -->. <!-- ts program --> begins anew.
 */
function programsIn(markdown: string): string[] {
  const programs: { imports: Map<string, Set<string>>; code: string[] }[] = [];
  for (const [, visible, hidden] of markdown.matchAll(/^```ts\n([\s\S]*?)^```$|<!-- ts\b([\s\S]*?)-->/gm)) {
    if (programs.length === 0 || hidden?.trim() === "program") programs.push({ imports: new Map(), code: [] });
    if (hidden?.trim() === "program") continue;
    const { imports, code } = programs.at(-1)!;
    // Blocks may import the same names again, as each is read by itself.
    code.push(
      (visible ?? hidden).replace(/^import \{([^}]*)\} from "([^"]+)";?$/gm, (_, names: string, from: string) => {
        const known = imports.get(from) ?? new Set();
        imports.set(from, known);
        for (const name of names.split(",")) if (name.trim()) known.add(name.trim());
        return "";
      }),
    );
  }
  return programs.map(({ imports, code }) => {
    const lines = Array.from(imports, ([from, names]) => `import { ${[...names].join(", ")} } from "${from}";`);
    return [...lines, ...code, "export {};"].join("\n");
  });
}

test("blocks become one program, hidden ones too, with what they import gathered", () => {
  const markdown =
    '```ts\nimport { a } from "m";\na();\n```\n<!-- ts\nconst b = 1;\n-->\n```sh\nno\n```\n' +
    '```ts\nimport { a, c } from "m";\nc(b);\n```\n<!-- ts program -->\n```ts\nlast();\n```\n';
  const [first, second] = programsIn(markdown);
  expect(first.replace(/\n+/g, "\n")).toBe('import { a, c } from "m";\na();\nconst b = 1;\nc(b);\nexport {};');
  expect(second.trim()).toBe("last();\n\nexport {};");
});

const inDocs = existsSync(join(root, "docs")) ? readdirSync(join(root, "docs")).map((file) => join("docs", file)) : [];
const documents = ["README.md", ...inDocs]
  .filter((file) => file.endsWith(".md") && existsSync(join(root, file)))
  .map((file) => [file, programsIn(readFileSync(join(root, file), "utf8"))] as const)
  .filter(([, programs]) => programs.length > 0);

describe.skipIf(documents.length === 0)("the snippets of the documents compile and run", () => {
  const app = inject("app");
  test.each(documents)("%s", async (file, programs) => {
    const folder = mkdtempSync(join(app, `${basename(file, ".md")}-`));
    const names = programs.map((program, i) => {
      writeFileSync(join(folder, `program-${i}.ts`), program);
      return `program-${i}`;
    });
    const compilerOptions = {
      strict: true,
      target: "es2023",
      module: "nodenext",
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const run = promisify(execFile);
    const compiled = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).then(
      () => "",
      ({ stdout }) => stdout,
    );
    expect(compiled).toBe("");
    for (const name of names) await run(process.execPath, [`${name}.js`], { cwd: folder });
  });
});
