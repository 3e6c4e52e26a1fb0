/**
 * Every kernel's signature. Two implementations obey it: `reference.ts` in plain TypeScript
 * (float32 or float64; the specification) and `wasm.ts` (WebAssembly SIMD; the fast one).
 *
 * Kernels own no memory: they read and write at addresses in the memory of their engine.
 *   - `Pointer` is a byte address, aligned to 16 bytes.
 *   - Floats are float32 (float64 on the reference engine of the gradient checks); integers are int32.
 *   - Matrices are row-major and dense unless a stride is given. Letters: b rows of a batch, c candidates,
 *     d embedding width, m n k sizes of a matrix product.
 *   - "y may be x" says that input and output may be the same address; otherwise they must not overlap.
 *   - Integer arguments that index memory are trusted: callers check them first.
 */
export type Pointer = number;

/**
 * The kernels that towers and indexes run on once trained. They are a module of their own, so that a program that only
 * serves carries no others: an engine made by `createServingEngine` has these alone.
 */
export type ServingKernels = Pick<
  Kernels,
  | "matmulNN"
  | "matmulNT"
  | "matmulTN"
  | "pack"
  | "matmulPacked"
  | "linear"
  | "affine"
  | "add"
  | "multiply"
  | "relu"
  | "addRow"
  | "copyRows"
  | "causalSoftmax"
  | "standardiseRows"
  | "multiplyRow"
  | "normaliseRows"
  | "gather"
  | "poolMean"
  | "topK"
>;

export interface Kernels {
  // ── matmul ────────────────────────────────────────────────────────────────────────────────────
  /** C[m,n] = A[m,k] · B[k,n], or C += A·B with `accumulate`. 2mnk flops. */
  matmulNN(a: Pointer, b: Pointer, c: Pointer, m: number, n: number, k: number, accumulate: boolean): void;
  /** C[m,n] = A[m,k] · B[n,k]ᵀ, or C += with `accumulate`: scores of m users against n items. */
  matmulNT(a: Pointer, b: Pointer, c: Pointer, m: number, n: number, k: number, accumulate: boolean): void;
  /** C[m,n] = A[k,m]ᵀ · B[k,n], or C += with `accumulate`: the gradient of a weight matrix. */
  matmulTN(a: Pointer, b: Pointer, c: Pointer, m: number, n: number, k: number, accumulate: boolean): void;
  /** B[k,n], or B[n,k]ᵀ where `transposed`, rearranged for `matmulPacked`; takes k · (n rounded up to 8) floats. */
  pack(b: Pointer, packed: Pointer, n: number, k: number, transposed: boolean): void;
  /** C[m,n] = A[m,k] · B[k,n], or C += with `accumulate`, where `packed` is what `pack` made of B. */
  matmulPacked(a: Pointer, packed: Pointer, c: Pointer, m: number, n: number, k: number, accumulate: boolean): void;
  /** Y[m,n] (+)= A[m,k] · B[k,n] + bias[n], then max(0, ·) of it where `rectify`: a layer. */
  linear(
    a: Pointer,
    b: Pointer,
    bias: Pointer,
    y: Pointer,
    m: number,
    n: number,
    k: number,
    rectify: boolean,
    accumulate: boolean,
  ): void;

  // ── elementwise ───────────────────────────────────────────────────────────────────────────────
  /** x[i] = value. */
  fill(x: Pointer, value: number, n: number): void;
  /** y = s · x + t; y may be x. */
  affine(x: Pointer, s: number, t: number, y: Pointer, n: number): void;
  /** z = x + y; z may be x or y. */
  add(x: Pointer, y: Pointer, z: Pointer, n: number): void;
  /** z = x ∘ y; z may be x or y. */
  multiply(x: Pointer, y: Pointer, z: Pointer, n: number): void;
  /** y = max(0, x); y may be x. */
  relu(x: Pointer, y: Pointer, n: number): void;
  /** dx = dy where y > 0, else 0; dx may be dy. */
  reluBackward(y: Pointer, dy: Pointer, dx: Pointer, n: number): void;
  /** y = eˣ, y may be x. */
  exp(x: Pointer, y: Pointer, n: number): void;
  /** y = 1 / (1 + e⁻ˣ); y may be x. */
  sigmoid(x: Pointer, y: Pointer, n: number): void;
  /** y = log(1 + eˣ), without overflow for large x; y may be x. */
  softplus(x: Pointer, y: Pointer, n: number): void;

  // ── rows and columns of a matrix x[m,n] ───────────────────────────────────────────────────────
  /** y[i,j] = x[i,j] + row[j]: a bias; y may be x. */
  addRow(x: Pointer, row: Pointer, y: Pointer, m: number, n: number): void;
  /** y[i,j] = x[i,j] + s · column[i]; y may be x. */
  addColumn(x: Pointer, column: Pointer, s: number, y: Pointer, m: number, n: number): void;
  /** out[j] += Σᵢ x[i,j]: the gradient of a bias. */
  sumRows(x: Pointer, out: Pointer, m: number, n: number): void;
  /** out[i] = Σⱼ x[i,j]. */
  sumColumns(x: Pointer, out: Pointer, m: number, n: number): void;
  /** Returns Σ x. */
  sum(x: Pointer, n: number): number;
  /** out[i] = x[i,:] · y[i,:]. */
  rowDot(x: Pointer, y: Pointer, out: Pointer, m: number, n: number): void;
  /** Copies `width` floats a row between matrices whose rows are `xStride` and `yStride` floats apart. */
  copyRows(x: Pointer, xStride: number, y: Pointer, yStride: number, m: number, width: number): void;

  // ── softmax ───────────────────────────────────────────────────────────────────────────────────
  /**
   * Cross entropy of z[i,j] = scale · x[i,j] + bias[j] (bias 0 = none) against the column positive[i]:
   * p[i,:] = softmax(z[i,:]), loss[i] = log Σⱼ e^z[i,j] − z[i, positive[i]]. One pass a row; p may be x.
   */
  crossEntropy(
    x: Pointer,
    scale: number,
    bias: Pointer,
    positive: Pointer,
    p: Pointer,
    loss: Pointer,
    b: number,
    c: number,
  ): void;
  /** dx[i,j] = scale · dLoss[i] · (p[i,j] − [j = positive[i]]); dx may be p. */
  crossEntropyBackward(
    p: Pointer,
    scale: number,
    positive: Pointer,
    dLoss: Pointer,
    dx: Pointer,
    b: number,
    c: number,
  ): void;
  /**
   * Cross entropy of x[m,c] against candidates that rows share, and its gradient in the place of x.
   * Row i owns the examples e in offsets[i] … offsets[i+1); each has a positive, a column of x, and a weight.
   *   z[i,j] = scale · x[i,j] + bias[j], z⁺ₑ = scale · x[i, positive] + own[e]
   *   Dₑ     = Σⱼ e^z[i,j] over columns not masked, + e^z⁺ₑ where the positive's own column is masked
   *   loss[e] = log Dₑ − z⁺ₑ
   *   x[i,j] ← ∂ Σₑ weightₑ · loss[e] / ∂x[i,j]
   * Row i masks maskColumns[maskOffsets[i] … maskOffsets[i+1]); maskOffsets 0 = nothing. `own` is overwritten.
   */
  sampledSoftmax(
    x: Pointer,
    scale: number,
    bias: Pointer,
    maskOffsets: Pointer,
    maskColumns: Pointer,
    offsets: Pointer,
    positives: Pointer,
    own: Pointer,
    weights: Pointer,
    loss: Pointer,
    m: number,
    c: number,
  ): void;
  /** x[i,j] = value for every j in columns[offsets[i] … offsets[i+1]): accidental hits and known positives. */
  mask(x: Pointer, offsets: Pointer, columns: Pointer, value: number, b: number, c: number): void;

  // ── attention and layer norm ──────────────────────────────────────────────────────────────────
  /**
   * y[i,j] = softmax over j ≤ i of scale · x[i,j] + recency[n − 1 − i + j], 0 for j > i; y may be x. The last entry of
   * recency[n] is for what happened just now.
   */
  causalSoftmax(x: Pointer, scale: number, recency: Pointer, y: Pointer, n: number): void;
  /** dz = y ∘ (dy − Σⱼ dy y) over j ≤ i; dx = scale · dz, 0 for j > i; dRecency[n − 1 − i + j] += dz; dx may be dy. */
  causalSoftmaxBackward(y: Pointer, dy: Pointer, scale: number, dx: Pointer, dRecency: Pointer, n: number): void;
  /** y[i,:] = (x[i,:] − mean) · inverse[i], inverse[i] = 1 / √(variance + 1e-5); y may be x. */
  standardiseRows(x: Pointer, y: Pointer, inverse: Pointer, m: number, n: number): void;
  /** dx = inverse · (dy − mean(dy) − y · mean(dy ∘ y)), row by row; dx may be dy. */
  standardiseRowsBackward(y: Pointer, inverse: Pointer, dy: Pointer, dx: Pointer, m: number, n: number): void;
  /** y[i,j] = x[i,j] · row[j]; y may be x. */
  multiplyRow(x: Pointer, row: Pointer, y: Pointer, m: number, n: number): void;

  // ── cosine ────────────────────────────────────────────────────────────────────────────────────
  /** norms[i] = max(‖x[i,:]‖, 1e-12) and y[i,:] = x[i,:] / norms[i]; y may be x. */
  normaliseRows(x: Pointer, y: Pointer, norms: Pointer, m: number, n: number): void;
  /** dx = (dy − y (y · dy)) / norm, row by row; dx may be dy. */
  normaliseRowsBackward(y: Pointer, norms: Pointer, dy: Pointer, dx: Pointer, m: number, n: number): void;

  // ── embeddings: rows of a table[·, d] ─────────────────────────────────────────────────────────
  // Rows of y and dy may lie apart by more than d floats: they are often columns of a wider matrix.
  /** y[i,:] = table[rows[i],:]. */
  gather(table: Pointer, rows: Pointer, y: Pointer, count: number, d: number, yStride: number): void;
  /** table[rows[i],:] += dy[i,:], in order of i. */
  scatterAdd(dy: Pointer, dyStride: number, rows: Pointer, table: Pointer, count: number, d: number): void;
  /** y[i,:] = mean of table[r,:] over rows[offsets[i] … offsets[i+1]); an empty bag gives 0. */
  poolMean(table: Pointer, rows: Pointer, offsets: Pointer, y: Pointer, b: number, d: number, yStride: number): void;
  /** table[r,:] += dy[i,:] / length of bag i, for every r in bag i, in order. */
  poolMeanBackward(
    dy: Pointer,
    dyStride: number,
    rows: Pointer,
    offsets: Pointer,
    table: Pointer,
    b: number,
    d: number,
  ): void;
  /**
   * Extends the list unique[0 … uniqueCount) by the rows not yet in it; positions[i] is the place of rows[i] in the list.
   * `slots` has an int32 for each row of the table and needs no clearing (a sparse set: slots[r] is trusted only
   * if unique[slots[r]] = r), so the cost is O(count) whatever the size of the table. Returns the new length of the list.
   */
  uniqueRows(
    rows: Pointer,
    count: number,
    slots: Pointer,
    unique: Pointer,
    uniqueCount: number,
    positions: Pointer,
  ): number;

  // ── groups: each of b queries owns k consecutive rows of v[b·k, d] ────────────────────────────
  /** out[i,j] = u[i,:] · v[i·k + j,:]. */
  groupDot(u: Pointer, v: Pointer, out: Pointer, b: number, k: number, d: number): void;
  /** y[i,:] = Σⱼ w[i,j] · v[i·k + j,:]. */
  groupSum(w: Pointer, v: Pointer, y: Pointer, b: number, k: number, d: number): void;
  /** v[i·k + j,:] = w[i,j] · u[i,:]. */
  groupOuter(w: Pointer, u: Pointer, v: Pointer, b: number, k: number, d: number): void;

  // ── optimisers: update x[rows[i],:] by grad[i,:], i < count; rows = 0 means row i itself ──────
  /**
   * Adam (Kingma 2015), lazily: moments of untouched rows do not decay. m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g²,
   * x ← x − rate · (m/correction₁) / (√(v/correction₂) + ε) − rate · decay · x, correctionᵢ = 1 − βᵢᵗ.
   */
  adam(
    x: Pointer,
    m: Pointer,
    v: Pointer,
    grad: Pointer,
    rows: Pointer,
    count: number,
    d: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    decay: number,
  ): void;
  /** Adagrad (Duchi 2011): s ← s + g², x ← x − rate · g / (√s + ε) − rate · decay · x. */
  adagrad(
    x: Pointer,
    s: Pointer,
    grad: Pointer,
    rows: Pointer,
    count: number,
    d: number,
    rate: number,
    epsilon: number,
    decay: number,
  ): void;
  /** Row-wise Adagrad: one accumulator a row, s[r] ← s[r] + mean(g²). */
  adagradRowWise(
    x: Pointer,
    s: Pointer,
    grad: Pointer,
    rows: Pointer,
    count: number,
    d: number,
    rate: number,
    epsilon: number,
    decay: number,
  ): void;

  // ── top-k ─────────────────────────────────────────────────────────────────────────────────────
  /**
   * The k largest of each row of x[m,n], largest first; of equals the smaller column first. Rows with fewer than
   * k entries above −∞ are padded with column −1 and value −∞. NaN counts as −∞. k ≤ 4096. The first column counts as
   * `first`: unless that is 0 the lists go on from those of the columns before, so that scores need not all be there at once.
   */
  topK(x: Pointer, m: number, n: number, k: number, first: number, columns: Pointer, values: Pointer): void;
}
