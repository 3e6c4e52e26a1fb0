/** What the service answers, as an OpenAPI 3.1 document. Written by hand; a test asks the service everything it says. */
export function openApi(changes: boolean): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "twotower recall",
      version: "1",
      description:
        "Recommendation recall by a two-tower model. Ids are texts; a number stands for its digits. Wherever a GET is " +
        "there beside a POST, both answer the same: lists in a query are given by repeating their name.",
    },
    paths: {
      "/recall": {
        get: asking(
          "The best items for a known user",
          [query("user", id, true), ...narrowed, query("includeSeen", yes)],
          "Items",
        ),
        post: posting("The best items for a user, known by id or new and known by features", "RecallRequest", "Items"),
      },
      "/similar": {
        get: asking("The items nearest to an item", [query("item", id, true), ...narrowed], "Items"),
        post: posting("The items nearest to an item", "SimilarRequest", "Items"),
      },
      "/encode": {
        get: asking("The vector of a known user", [query("user", id, true)], "Vector"),
        post: posting("The vector of a user, known by id or new and known by features", "EncodeRequest", "Vector"),
      },
      ...(changes && {
        "/items": { post: posting("Add items by their features, or replace those already there", "ItemRows", "Added") },
        "/items/{id}": {
          delete: asking("Take an item out", [{ name: "id", in: "path", required: true, schema: id }], "Removed"),
        },
      }),
      "/health": { get: { summary: "Whether it serves, and how fast", responses: { 200: answer("Health") } } },
      "/metrics": {
        get: {
          summary: "Counters and latencies for Prometheus",
          responses: {
            200: { description: "Text format 0.0.4", content: { "text/plain": { schema: { type: "string" } } } },
          },
        },
      },
      "/openapi.json": {
        get: {
          summary: "This document",
          responses: {
            200: { description: "OpenAPI 3.1", content: { "application/json": { schema: { type: "object" } } } },
          },
        },
      },
    },
    components: {
      schemas: {
        Id: { description: "Text, or a whole number up to 2^53.", type: ["string", "number"] },
        User: {
          description:
            "An id of the training data, or a row of features by their columns. What a row leaves out is missing; leave out the id for somebody new.",
          type: ["string", "number", "object"],
        },
        RecallRequest: object({ user: ref("User"), includeSeen: yes, ...narrowing }, ["user"]),
        SimilarRequest: object({ item: ref("Id"), ...narrowing }, ["item"]),
        EncodeRequest: object({ user: ref("User") }, ["user"]),
        Items: object({ items: list(ref("Item")) }, ["items"]),
        Item: object(
          {
            id: { type: "string" },
            score: { type: "number", description: "Cosine, −1 … 1." },
            name: { type: "string" },
          },
          ["id", "score"],
        ),
        Vector: object({ vector: list({ type: "number" }) }, ["vector"]),
        ItemRows: object(
          { items: { ...list({ type: "object", description: "A row by its columns, with the id." }), minItems: 1 } },
          ["items"],
        ),
        Added: object({ added: { type: "integer" } }, ["added"]),
        Removed: object({ removed: { type: "integer" } }, ["removed"]),
        Health: object(
          {
            status: { const: "ok" },
            items: { type: ["integer", "null"], description: "Null where the index is elsewhere." },
            uptimeSeconds: { type: "number" },
            requests: { type: "integer" },
            latencyMs: {
              ...object({ p50: duration, p95: duration, p99: duration }, ["p50", "p95", "p99"]),
              description: "Of the last 1,024 requests; null before the first.",
            },
          },
          ["status", "items", "uptimeSeconds", "requests", "latencyMs"],
        ),
        Error: object(
          { error: object({ code: { type: "string" }, message: { type: "string" } }, ["code", "message"]) },
          ["error"],
        ),
      },
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

const id: Json = { type: "string" };
const yes: Json = { type: "boolean", default: false, description: "Recall what the user chose in training too." };
const duration: Json = { type: ["number", "null"] };
const count: Json = { type: "integer", minimum: 1, maximum: 4096 };
const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const list = (items: Json): Json => ({ type: "array", items });
const object = (properties: Json, required: readonly string[]): Json => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

const k: Json = { ...count, default: 10 };
const ef: Json = { ...count, description: "How many candidates an approximate search weighs." };
const narrowing: Json = {
  k,
  ef,
  exclude: { ...list(ref("Id")), description: "Never these items." },
  filter: { ...list(ref("Id")), description: "Only these items." },
  where: {
    type: "object",
    description: 'Conditions on attributes, all of which an item must meet: {"genre":"Comedy","price":{"max":10}}.',
  },
};

const query = (name: string, schema: Json, required = false): Json => ({ name, in: "query", required, schema });
const narrowed: readonly Json[] = [
  query("k", k),
  query("ef", ef),
  query("exclude", list(id)),
  query("filter", list(id)),
];

const answer = (schema: string, description = schema): Json => ({
  description,
  content: { "application/json": { schema: ref(schema) } },
});
const refused: Json = {
  400: answer("Error", "The request is wrong; the message says where and how to mend it"),
  404: answer("Error", "A user or an item that is not known"),
};
const asking = (summary: string, parameters: readonly Json[], schema: string): Json => ({
  summary,
  parameters,
  responses: { 200: answer(schema), ...refused },
});
const posting = (summary: string, body: string, schema: string): Json => ({
  summary,
  requestBody: { required: true, content: { "application/json": { schema: ref(body) } } },
  responses: {
    200: answer(schema),
    ...refused,
    413: answer("Error", "The body is too long"),
    415: answer("Error", "The body is not declared to be JSON"),
  },
});
