import { beforeAll, describe, expect, test } from "vitest";
import { type RecallService, recallService } from "../../src/server.ts";
import { shopModel, shopRecaller } from "./shop.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
}
interface Operation {
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, { schema: Schema }>> }>>;
}
interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

let service: RecallService;
let document: OpenApi;
beforeAll(async () => {
  service = recallService(shopRecaller(await shopModel()), { changes: true, nameOf: (id) => `film ${id}` });
  document = (await (await service.fetch(new Request("http://host/openapi.json"))).json()) as OpenApi;
});

const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split("/").at(-1)!];

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** What in a value is not as a schema has it: of JSON Schema, the words this document uses. */
function faults(value: unknown, given: Schema, at = "$"): string[] {
  const schema = resolved(given);
  if ("const" in schema) return value === schema.const ? [] : [`${at} is not ${schema.const}`];
  const types = [schema.type ?? []].flat().map((type) => (type === "integer" ? "number" : type));
  const type = typeOf(value);
  if (!types.includes(type)) return [`${at} is ${type}, not ${types}`];
  if (schema.items && Array.isArray(value)) return value.flatMap((one, i) => faults(one, schema.items!, `${at}[${i}]`));
  if (type !== "object") return [];
  const object = value as Record<string, unknown>;
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(object, name));
  const properties = schema.properties ?? {};
  const extra =
    schema.additionalProperties === false ? Object.keys(object).filter((name) => !Object.hasOwn(properties, name)) : [];
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...extra.map((name) => `${at}.${name} is not in the document`),
    ...Object.entries(properties).flatMap(([name, property]) =>
      Object.hasOwn(object, name) ? faults(object[name], property, `${at}.${name}`) : [],
    ),
  ];
}

const VALUES: Readonly<Record<string, unknown>> = {
  user: 7,
  item: 4,
  k: 3,
  ef: 100,
  exclude: [1, "2"],
  filter: [3, 4, 5, 6, 7],
  where: { year: { min: 1980 } },
  includeSeen: true,
  items: [{ movieId: 3, genres: ["War"], year: 1999 }],
  id: "3",
};

function requestFor(path: string, method: string, operation: Operation, only: "all" | "required"): Request {
  const wanted = (required: boolean): boolean => only === "all" || required;
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: where, required } of operation.parameters ?? []) {
    if (!wanted(required)) continue;
    if (where === "path") address = address.replace(`{${name}}`, String(VALUES[name]));
    else for (const value of [VALUES[name]].flat()) query.append(name, String(value));
  }
  const schema = operation.requestBody && resolved(operation.requestBody.content["application/json"].schema);
  const names = Object.keys(schema?.properties ?? {}).filter((name) => wanted(schema!.required!.includes(name)));
  const body = JSON.stringify(Object.fromEntries(names.map((name) => [name, VALUES[name]])));
  return new Request(`http://host${address}?${query}`, {
    method: method.toUpperCase(),
    ...(schema && { headers: { "content-type": "application/json" }, body }),
  });
}

describe("openapi.json", () => {
  test("is OpenAPI 3.1, and what it points to is there", () => {
    expect(document.openapi).toBe("3.1.0");
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(pointers.length).toBeGreaterThan(10);
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(pointers));
  });

  test.each(["all", "required"] as const)(
    "everything it says is answered as it says, with %s parameters",
    async (only) => {
      let operations = 0;
      for (const [path, methods] of Object.entries(document.paths))
        for (const [method, operation] of Object.entries(methods)) {
          const response = await service.fetch(requestFor(path, method, operation, only));
          const text = await response.text();
          expect([path, method, response.status, response.status === 200 ? "" : text]).toEqual([path, method, 200, ""]);
          const [[type, { schema }]] = Object.entries(operation.responses[200].content);
          expect(response.headers.get("content-type")).toContain(type);
          expect(faults(type === "application/json" ? JSON.parse(text) : text, schema)).toEqual([]);
          operations++;
          if (path === "/items/{id}")
            await service.fetch(requestFor("/items", "post", document.paths["/items"].post, "all"));
        }
      expect(operations).toBe(11);
    },
  );

  test("every path answers other methods by those that the document has for it", async () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const { status, headers } = await service.fetch(
        new Request(`http://host${path.replace("{id}", "3")}`, { method: "PATCH" }),
      );
      expect(status).toBe(405);
      expect(headers.get("allow")!.toLowerCase().split(", ")).toEqual(Object.keys(methods));
    }
  });

  test("an error is as it says", async () => {
    const response = await service.fetch(new Request("http://host/recall?user=nobody"));
    expect(
      faults(await response.json(), document.paths["/recall"].get.responses[404].content["application/json"].schema),
    ).toEqual([]);
  });

  test("a document says nothing of changes where none are allowed", async () => {
    const fixed = recallService(service.recaller);
    const { paths } = (await (await fixed.fetch(new Request("http://host/openapi.json"))).json()) as OpenApi;
    expect(Object.keys(paths)).toEqual(Object.keys(document.paths).filter((path) => !path.startsWith("/items")));
  });
});
