// The graph alone, in a memory of its own: a program without HnswIndex does not carry it.
export * from "./hnsw/index";
