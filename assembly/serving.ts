// What towers and exact indexes run on once trained.
// Signatures and shapes: ServingKernels in src/kernels/contract.ts.
export { linear, matmulNN, matmulNT, matmulPacked, matmulTN, matmulTNRows, pack, SCRATCH_BYTES, setScratch } from "./matmul";
export { add, affine, multiply, relu } from "./elementwise";
export { addRow, copyRows } from "./reduce";
export { causalSoftmax } from "./attention";
export { multiplyRow, standardiseRows } from "./standardise";
export { normaliseRows } from "./cosine";
export { gather, poolMean } from "./gather";
export { topK } from "./topk";
