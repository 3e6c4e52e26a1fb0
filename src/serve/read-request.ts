import { show } from "../features/options.ts";
import { badRequest, Refusal } from "./refusal.ts";

/** An object out of JSON: its own keys, whatever they are called, and nothing inherited is ever looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object a request brings, of `most` bytes at most. Anything else is refused, and said why. */
export async function readJson(request: Request, most: number): Promise<JsonObject> {
  // What a page of another origin can send unasked, such as a form, is never this type: so it can change nothing here.
  const type = request.headers.get("content-type");
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type ?? ""))
    throw new Refusal(
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      `the content type is ${type === null ? "not given" : show(type)}; send JSON with the header content-type: application/json`,
    );
  const bytes = await readBytes(request, most);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badRequest(`the body is not JSON in UTF-8: ${(cause as Error).message}`);
  }
  if (isObject(value)) return value;
  throw badRequest(`the body is ${show(value)}; expected a JSON object`);
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  const tooLarge = new Refusal(413, "TOO_LARGE", `the body is longer than ${most} bytes, the most this service takes`);
  if (Number(request.headers.get("content-length")) > most) throw tooLarge; // said beforehand: nothing is read at all
  const reader = request.body?.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (reader) {
    const { done, value } = await reader.read().catch((cause: Error) => {
      throw badRequest(`the body broke off: ${cause.message}`);
    });
    if (done) break;
    length += value.length;
    if (length > most) {
      void reader.cancel(tooLarge).catch(() => {});
      throw tooLarge;
    }
    pieces.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The query of an address as the JSON object that would ask the same. `lists` may be given more than once. */
export function readQuery(query: URLSearchParams, lists: readonly string[] = []): JsonObject {
  const asked = new Map<string, unknown>();
  for (const name of new Set(query.keys())) {
    const texts = query.getAll(name);
    if (texts.length > 1 && !lists.includes(name))
      throw badRequest(`${name} is given ${texts.length} times; expected one`);
    asked.set(name, lists.includes(name) ? texts : typed(name, texts[0]));
  }
  return Object.fromEntries(asked);
}

/** Ids stay texts, so that 007 and 2⁶³ are who they are; numbers and switches are read where one is expected. */
function typed(name: string, text: string): unknown {
  if (name === "k" || name === "ef") return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (name === "includeSeen") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
