// What only training needs besides, instantiated on the same memory. It holds no data of its own and
// shares no state with the first. Signatures and shapes: Kernels in src/kernels/contract.ts.
export { axpy, exp, fill, log, reluBackward, sigmoid, softplus, tanh } from "./elementwise";
export { addColumn, addRows, rowDot, scaleRows, sum, sumColumns, sumRows } from "./reduce";
export { crossEntropy, crossEntropyBackward, logSumExp, mask, softmax, softmaxBackward } from "./softmax";
export { sampledSoftmax } from "./sampled-softmax";
export { causalSoftmaxBackward } from "./attention";
export { standardiseRowsBackward } from "./standardise";
export { normaliseRowsBackward } from "./cosine";
export { groupDot, groupOuter, groupSum, poolMeanBackward, scatterAdd, uniqueRows } from "./gather";
export { adagrad, adagradRowWise, adam } from "./optimise";
