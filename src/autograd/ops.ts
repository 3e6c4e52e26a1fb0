/**
 * Every op there is. The test's table of gradient checks must have the same names, so an op without
 * a gradient check does not compile.
 */
export { attend } from "./attention.ts";
export { add, affine, exp, multiply, relu, softplus, timesScalar } from "./elementwise.ts";
export { groupDot } from "./groups.ts";
export { addBias, linear, scaleColumns, scores } from "./linear.ts";
export { normalise, standardise } from "./normalise.ts";
export { linearOfTables } from "./projected.ts";
export { dot, sum, sumColumns } from "./reduce.ts";
export { concat, gather, lookUp } from "./rows.ts";
export { sampledSoftmax } from "./sampled-softmax.ts";
export { addColumn, maskInPlace, pick, shiftInPlace } from "./score-matrix.ts";
export { crossEntropy } from "./softmax.ts";
