/**
 * twotower/server: recall over HTTP, written for the fetch standard alone: Node, Deno, Bun and Workers mount it as it is.
 */

export { type NodeRequest, type NodeResponse, nodeListener } from "./serve/node.ts";
export type { ServedRecaller } from "./serve/served.ts";
export { type RecallService, recallService, type ServiceOptions } from "./serve/service.ts";
