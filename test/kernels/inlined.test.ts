import fc from "fast-check";
import { expect, test } from "vitest";
import { asText } from "../../assembly/text.mjs";
import { bytesOfText } from "../../src/kernels/inlined.ts";

test("bytes come back from the text they are inlined as", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(bytesOfText(asText(bytes))).toEqual(bytes);
    }),
  );
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(bytesOfText(asText(all))).toEqual(all);
});

test("the text needs no escape in a string or a template", () => {
  expect(asText(Uint8Array.from({ length: 256 }, (_, byte) => byte))).toMatch(/^[#-[\]-~]+$/);
});
