// Compiles the kernels and inlines them as text in src/kernels/binary.ts, so that no platform has to fetch a file.
// Does nothing when the sources have not changed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asText } from "./text.mjs";

const root = new URL("..", import.meta.url).pathname;
const target = join(root, "src/kernels/binary.ts");
const sources = readdirSync(join(root, "assembly"), { recursive: true }).filter((file) => /\.(ts|mjs)$/.test(file)).sort();
const inputs = [...sources.map((file) => `assembly/${file}`), "asconfig.json", "package-lock.json"];

const hash = createHash("sha256");
for (const file of inputs) hash.update(`${file}\0`).update(readFileSync(join(root, file))).update("\0");
const stamp = `// Made by assembly/build.mjs from sources with hash ${hash.digest("hex").slice(0, 16)}. Not to be edited.`;

if (firstLineOf(target) !== stamp) {
  const folder = mkdtempSync(join(tmpdir(), "twotower-kernels-"));
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  const compiled = ["serving", "training", "graph", "building"].map((name) => {
    const wasm = join(folder, `${name}.wasm`);
    // What the compiler remarks is of interest only if it fails: then it is part of the error.
    execFileSync(process.execPath, [asc, `assembly/${name}.ts`, "--config", "asconfig.json", "--target", name, "--outFile", wasm], {
      cwd: root,
      stdio: "pipe",
    });
    const bytes = readFileSync(wasm);
    console.log(`kernels: ${name}, ${(bytes.length / 1024).toFixed(1)} KB of WebAssembly`);
    return `export const ${name}Text: string =\n  "${asText(bytes)}";\n`;
  });
  rmSync(folder, { recursive: true });
  writeFileSync(target, [stamp, ...compiled].join("\n"));
}

function firstLineOf(file) {
  try {
    return readFileSync(file, "utf8").split("\n", 1)[0];
  } catch {
    return undefined;
  }
}
