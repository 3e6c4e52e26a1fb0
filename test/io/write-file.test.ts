import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recoverFolder, writeFileWhole, writeFolderWhole } from "../../src/io/write-file.ts";
import { messageOfAsync } from "../features/messages.ts";
import { folderForTests } from "./files.ts";

const folder = folderForTests();
const fresh = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

describe("a file", () => {
  test("is written whole, replaces the old one, and leaves nothing beside it", async () => {
    const home = fresh("file");
    const path = join(home, "new", "model.json");
    await writeFileWhole(path, "one");
    await writeFileWhole(path, new Uint8Array([0x74, 0x77, 0x6f]));
    await writeFileWhole(join(home, "new", "pieces"), [new Uint8Array([1]), new Uint8Array([2, 3])]);
    expect(readFileSync(path, "utf8")).toBe("two");
    expect([...readFileSync(join(home, "new", "pieces"))]).toEqual([1, 2, 3]);
    expect(readdirSync(join(home, "new"))).toEqual(["model.json", "pieces"]);
  });

  test("stays as it was if writing fails half-way", async () => {
    const path = join(fresh("half"), "model");
    await writeFileWhole(path, "old");
    function* pieces(): Generator<Uint8Array> {
      yield new Uint8Array([1]);
      throw new RangeError("out of ink");
    }
    await expect(writeFileWhole(path, pieces())).rejects.toThrow("out of ink");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(join(folder, "half"))).toEqual(["model"]);
  });

  test("cannot be written where a folder is", async () => {
    const path = fresh("taken");
    expect(await messageOfAsync(writeFileWhole(path, "x"))).toBe(
      `BAD_FILE cannot write ${path}: there is a folder of that name`,
    );
  });

  test("cannot be written below a file", async () => {
    const path = join(fresh("below"), "file");
    writeFileSync(path, "");
    expect(await messageOfAsync(writeFileWhole(join(path, "model"), "x"))).toBe(
      `BAD_FILE cannot write ${join(path, "model")}: part of the path is a file, not a folder`,
    );
  });
});

describe("a folder", () => {
  test("replaces the old one whole", async () => {
    const path = join(fresh("folder"), "model");
    await writeFolderWhole(path, async (draft) => {
      await writeFileWhole(join(draft, "a"), "1");
      await writeFileWhole(join(draft, "b"), "1");
    });
    await writeFolderWhole(path, async (draft) => writeFileWhole(join(draft, "a"), "2"));
    expect(readdirSync(path)).toEqual(["a"]);
    expect(readFileSync(join(path, "a"), "utf8")).toBe("2");
    expect(readdirSync(join(folder, "folder"))).toEqual(["model"]);
  });

  test("stays as it was if filling fails", async () => {
    const path = join(fresh("kept"), "model");
    await writeFolderWhole(path, async (draft) => writeFileWhole(join(draft, "a"), "old"));
    const failing = writeFolderWhole(path, async (draft) => {
      await writeFileWhole(join(draft, "a"), "new");
      throw new RangeError("out of ink");
    });
    await expect(failing).rejects.toThrow("out of ink");
    expect(readFileSync(join(path, "a"), "utf8")).toBe("old");
    expect(readdirSync(join(folder, "kept"))).toEqual(["model"]);
  });

  /** A process that has ended, so that nobody has its number. */
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  const put = (home: string, name: string, content: string): void => {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, "a"), content);
  };

  test("is mended if its writer was killed between the two renames", async () => {
    const home = fresh("killed");
    put(home, `.model.${dead}-00000001.old`, "old");
    put(home, `.model.${dead}-00000001.tmp`, "new");
    await recoverFolder(join(home, "model"));
    expect(readFileSync(join(home, "model", "a"), "utf8")).toBe("new");
  });

  test("gets its old version back if there is no draft", async () => {
    const home = fresh("undone");
    put(home, `.model.${dead}-00000001.old`, "old");
    await recoverFolder(join(home, "model"));
    expect(readdirSync(home)).toEqual(["model"]);
    expect(readFileSync(join(home, "model", "a"), "utf8")).toBe("old");
  });

  test("is cleared of what killed writers left when it is written again, and of nothing else", async () => {
    const home = fresh("leftovers");
    const others = [`.model.${process.pid}-00000002.tmp`, ".model.backup.old", `.model.b.${dead}-00000003.tmp`];
    for (const name of others) put(home, name, "not ours");
    put(home, "model", "old");
    put(home, `.model.${dead}-00000001.old`, "older");
    put(home, `.model.${dead}-00000004.tmp`, "half");
    await writeFolderWhole(join(home, "model"), async (draft) => writeFileWhole(join(draft, "a"), "new"));
    expect(readdirSync(home).sort()).toEqual([...others, "model"].sort());
  });
});
