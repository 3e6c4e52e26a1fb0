// The graph, with what threads share of building and searching it: the module of indexes in shared memory.
export * from "./hnsw/index";
export { hnswApply, hnswGroup, hnswPropose, hnswSearchMany, hnswStore, hnswTie, hnswWeigh } from "./hnsw/rounds";
