import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

/** From the ground up: the pipeline in order. A layer imports only from itself and the layers before it. */
const layers = [
  "errors.ts",
  "kernels",
  "tensor",
  "autograd",
  "nn",
  "features",
  "optim",
  "sampling",
  "model",
  "losses",
  "evaluation",
  "training",
  "ann",
  "recall",
  "recall.ts",
  "hnsw.ts",
  "scale.ts",
  "two-tower.ts",
  "index.ts",
  "stores",
  "stores.ts",
  "serve",
  "server.ts",
  "io",
  "files.ts",
  "cli",
];

const src = resolve(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const codeOf = (file: string): string =>
  readFileSync(join(src, file), "utf8").replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
const importsOf = (file: string): string[] =>
  [...codeOf(file).matchAll(/(?:^|\n)(?:import|export)\b[^;"=()]*\bfrom "([^"]+)"|\bimport ?\(?"([^"]+)"/g)].map(
    ([, a, b]) => a ?? b,
  );
const layerOf = (file: string): string => file.split("/")[0];

describe("the order of the layers", () => {
  test("every folder and top file has a place in it", () => {
    expect([...new Set(files.map(layerOf))].filter((layer) => !layers.includes(layer))).toEqual([]);
    expect(files.length).toBeGreaterThan(layers.length); // a test that looked at nothing would pass
  });

  test("no import points up", () => {
    const upward = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith("."))
        .map((target) => relative(src, resolve(src, dirname(file), target)))
        .filter((target) => layers.indexOf(layerOf(target)) > layers.indexOf(layerOf(file)))
        .map((target) => `${file} -> ${target}`),
    );
    expect(upward).toEqual([]);
  });
});

describe("the core", () => {
  const reached = new Set<string>();
  const outside: string[] = [];
  const follow = (file: string): void => {
    if (reached.has(file) || !existsSync(join(src, file))) return;
    reached.add(file);
    for (const target of importsOf(file)) {
      if (target.startsWith(".")) follow(relative(src, resolve(src, dirname(file), target)));
      else outside.push(`${file} -> ${target}`);
    }
  };
  for (const entry of ["index.ts", "recall.ts", "hnsw.ts", "scale.ts"]) follow(entry);

  test("needs no package and no Node", () => {
    expect(reached.size).toBeGreaterThan(30);
    expect(outside).toEqual([]);
  });

  test("takes no randomness and no transcendental function from the engine it runs on", () => {
    const forbidden =
      /Math\.(random|exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|tanh|sinh|cosh|atan2?|cbrt|hypot)\b|\*\*\s*-?[a-z(]/;
    const offenders = [...reached]
      .filter((file) => !file.startsWith("kernels/reference") && file !== "kernels/binary.ts") // which is no code
      .filter((file) => forbidden.test(codeOf(file)));
    expect(offenders).toEqual([]);
  });
});
