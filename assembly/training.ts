// What only training needs besides, instantiated on the same memory. It holds no data of its own and
// shares no state with the first. Signatures and shapes: Kernels in src/kernels/contract.ts.
export { exp, fill, reluBackward, sigmoid, softplus } from "./elementwise";
export { addColumn, rowDot, sum, sumColumns, sumRows } from "./reduce";
export { crossEntropy, crossEntropyBackward, mask } from "./softmax";
export { sampledSoftmax } from "./sampled-softmax";
export { causalSoftmaxBackward } from "./attention";
export { standardiseRowsBackward } from "./standardise";
export { normaliseRowsBackward } from "./cosine";
export { groupDot, groupOuter, groupSum, poolMeanBackward, scatterAdd, uniqueRows } from "./gather";
export { adagrad, adagradRowWise, adam } from "./optimise";
