import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, inject, test } from "vitest";
import { asText } from "../../assembly/text.mjs";
import { here, missing, root, runtimes } from "./places.ts";

const run = promisify(execFile);
const app = inject("app");
const installed = join(app, "node_modules/twotower");

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("are the types wrong? finds nothing", async () => {
  const attw = join(here, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const options = ["--profile", "esm-only", "--no-color", "--no-emoji"];
  const { stdout } = await run(process.execPath, [attw, inject("tarball"), ...options]); // fails if it finds anything
  for (const entry of [
    "twotower",
    "twotower/recall",
    "twotower/hnsw",
    "twotower/scale",
    "twotower/server",
    "twotower/stores",
    "twotower/files",
  ])
    expect(stdout).toMatch(new RegExp(`"${entry}" +│ OK \\(ESM\\) +│ OK `));
});

describe("a user's compiler", () => {
  const compile = async (file: string, settings: object): Promise<string> => {
    const project = join(app, `${file}.json`);
    const compilerOptions = { strict: true, noEmit: true, target: "es2022", skipLibCheck: false, ...settings };
    writeFileSync(project, JSON.stringify({ compilerOptions, files: [file] }));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    return run(process.execPath, [tsc, "-p", project]).then(
      () => "",
      ({ stdout }) => stdout,
    );
  };

  test.each(["nodenext", "bundler"])("is content in a browser, modules resolved as by %s", async (moduleResolution) => {
    const module = moduleResolution === "nodenext" ? "nodenext" : "esnext";
    expect(await compile("types.mts", { lib: ["es2022", "dom"], types: [], module, moduleResolution })).toBe("");
  });

  test("is content in Node, with no DOM", async () => {
    const settings = { lib: ["es2022"], module: "nodenext", typeRoots: [join(root, "node_modules/@types")] };
    expect(await compile("types.mts", { ...settings, types: ["node"] })).toBe("");
    expect(await compile("node-types.mts", { ...settings, types: ["node"] })).toBe("");
  });

  test("complains where it should", async () => {
    writeFileSync(join(app, "wrong.mts"), `import { nothing } from "twotower"; export default nothing;`);
    expect(await compile("wrong.mts", { lib: ["es2022", "dom"], types: [], module: "nodenext" })).toContain("TS2305");
  });
});

describe.each(runtimes)("$name", (runtime) => {
  const why = missing(runtime);
  const [program, ...words] = runtime.command;

  test("takes the package by require()", async ({ skip }) => {
    if (why) skip(why);
    const { stdout } = await run(program, [...words, "required.cjs"], { cwd: app });
    const answer = ["east", "north", "west"];
    expect(JSON.parse(stdout)).toEqual([answer, answer]);
  });

  test("reads the files that Node wrote, and writes ones that Node reads", async ({ skip }) => {
    if (why) skip(why);
    const files = async (command: readonly [string, ...string[]], verb: string, folder: string): Promise<unknown> => {
      const [program, ...words] = command;
      const { stdout } = await run(program, [...words, "files.js", verb, folder], { cwd: app });
      return JSON.parse(stdout);
    };
    const folder = mkdtempSync(join(app, "files-"));
    const byNode = await files([process.execPath], "write", folder);
    expect(await files(runtime.command, "read", folder)).toEqual(byNode);
    const bytes = readFileSync(join(folder, "index.safetensors"));
    await files(runtime.command, "write", folder);
    expect(readFileSync(join(folder, "index.safetensors")).equals(bytes)).toBe(true);
  });
});

test("the command is installed", () => {
  const twotower = join(app, "node_modules/.bin/twotower");
  expect(execFileSync(twotower, ["--version"], { encoding: "utf8" }).trim()).toBe(
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
  );
});

test("the WebAssembly in the package is, byte for byte, what its sources compile to", async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), "twotower-rebuild-"));
  try {
    cpSync(join(root, "assembly"), join(elsewhere, "assembly"), { recursive: true });
    cpSync(join(root, "asconfig.json"), join(elsewhere, "asconfig.json"));
    symlinkSync(join(root, "node_modules"), join(elsewhere, "node_modules"));
    mkdirSync(join(elsewhere, "out"));
    const packed = await import(join(installed, "dist/kernels/binary.js"));
    const names = Object.keys(packed);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const source = name.replace(/Text$/, "");
      const asc = [
        "node_modules/assemblyscript/bin/asc.js",
        `assembly/${source}.ts`,
        "--config",
        "asconfig.json",
        "--target",
        source,
      ];
      await run(process.execPath, [...asc, "--outFile", `out/${source}.wasm`], { cwd: elsewhere });
      expect(packed[name]).toBe(asText(readFileSync(join(elsewhere, `out/${source}.wasm`))));
    }
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});
