// The graph, with what threads share of building and searching it: the module of indexes in shared memory.
export * from "./hnsw/index";
export { hnswApply, hnswPropose, hnswSearchMany, hnswWeigh } from "./hnsw/rounds";
