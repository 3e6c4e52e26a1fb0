import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";

/** Bundles a file of the app into one minified ES module. None of them is told anything about WebAssembly. */
export type Bundler = (entry: string, folder: string) => Promise<string>;

export const bundlers: Readonly<Record<"esbuild" | "Rollup" | "webpack" | "Vite", Bundler>> = {
  esbuild: async (entry, folder) => {
    const outfile = join(folder, "bundle.mjs");
    await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      outfile,
      logLevel: "error",
    });
    return outfile;
  },

  // Rollup needs its usual plugin to look into node_modules, and leaves minifying to others.
  Rollup: async (entry, folder) => {
    const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
    const { output } = await bundle.generate({ format: "es" });
    const { code } = await esbuild.transform(output[0].code, { minify: true, format: "esm" });
    const outfile = join(folder, "bundle.mjs");
    mkdirSync(folder, { recursive: true });
    writeFileSync(outfile, code);
    return outfile;
  },

  webpack: (entry, folder) =>
    new Promise((resolve, reject) => {
      const compiler = webpack({
        mode: "production",
        context: folder,
        entry,
        output: { path: folder, filename: "bundle.mjs" },
        performance: false,
      });
      compiler.run((error, stats) => {
        compiler.close(() => {
          if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString("errors-only")));
          else resolve(join(folder, "bundle.mjs"));
        });
      });
    }),

  Vite: async (entry, folder) => {
    await vite.build({
      configFile: false,
      logLevel: "error",
      root: join(entry, ".."),
      build: {
        outDir: folder,
        emptyOutDir: true,
        lib: { entry, formats: ["es"], fileName: () => "bundle.mjs" },
        minify: true,
      },
    });
    // In library mode Vite keeps the white space of ES modules, so that others can still shake them.
    const outfile = join(folder, "bundle.mjs");
    const { code } = await esbuild.transform(readFileSync(outfile, "utf8"), { minify: true, format: "esm" });
    writeFileSync(outfile, code);
    return outfile;
  },
};

/** An app of an HTML page and a worker, as `vite build` makes it. */
export async function viteApp(root: string, folder: string): Promise<void> {
  await vite.build({
    configFile: false,
    logLevel: "error",
    root,
    base: "./",
    build: { outDir: folder, emptyOutDir: true },
  });
}
