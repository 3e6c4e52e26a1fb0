// The whole ABI on one page. Signatures and shapes: src/kernels/contract.ts.
export { matmulNN, matmulNT, matmulPacked, matmulTN, pack, SCRATCH_BYTES, setScratch } from "./matmul";
export { add, affine, axpy, exp, fill, log, multiply, relu, reluBackward, sigmoid, softplus, tanh } from "./elementwise";
export { addColumn, addRow, addRows, copyRows, rowDot, scaleRows, sum, sumColumns, sumRows } from "./reduce";
export { crossEntropy, crossEntropyBackward, logSumExp, mask, softmax, softmaxBackward } from "./softmax";
export { sampledSoftmax } from "./sampled-softmax";
export { normaliseRows, normaliseRowsBackward } from "./cosine";
export { gather, groupDot, groupOuter, groupSum, poolMean, poolMeanBackward, scatterAdd, uniqueRows } from "./gather";
export { adagrad, adagradRowWise, adam } from "./optimise";
export { topK } from "./topk";
export * from "./hnsw/index";
