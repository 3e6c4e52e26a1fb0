// The training step in jax-js (WebAssembly): node jax-js.mjs BATCH. Its arrays are consumed by what they are passed to;
// `.ref` keeps one.
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { batchOf, report, shapes, uniform } from "./data.mjs";

const batch = Number(process.argv[2] ?? "256");
await init("wasm");
defaultDevice("wasm");

const make = (value) =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, n) => product * n, 1);
      return [name, np.array(value(count, shape), { shape, dtype: np.float32 })];
    }),
  );
const parameters = make((count, shape) => uniform(count, shape.length > 1 ? 0.1 : 0));
const means = make((count) => new Float32Array(count));
const squares = make((count) => new Float32Array(count));

const tower = (x, hidden, hiddenBias, out, outBias) => {
  const y = np.matmul(nn.relu(np.matmul(x, hidden).add(hiddenBias)), out).add(outBias);
  return y.ref.div(np.sqrt(np.sum(np.square(y), 1, { keepdims: true }).add(1e-12)));
};
const lossOf = (p, rows) => {
  const take = (name, at) => np.take(p[name], at, 0);
  const userParts = [take("userId", rows.users), take("gender", rows.gender), take("age", rows.age)];
  userParts.push(take("occupation", rows.occupation));
  const user = tower(np.concatenate(userParts, 1), p.userHidden, p.userHiddenBias, p.userOut, p.userOutBias);
  const tags = np.mean(take("genres", rows.genres).reshape([batch, 2, 16]), 1);
  const itemParts = np.concatenate([take("itemId", rows.items), tags], 1);
  const item = tower(itemParts, p.itemHidden, p.itemHiddenBias, p.itemOut, p.itemOutBias);
  const logits = np.matmul(user, np.transpose(item)).div(0.1);
  return np.sum(nn.logSoftmax(logits, 1).mul(np.eye(batch))).mul(-1 / batch);
};
// Not under jit: 0.1.25 answers "jit: routine primitive scatter input is not imm" to the gradient of `take`.
const gradient = valueAndGrad(lossOf);
const adam = jit((x, m, v, g, rate) => {
  const newM = m.mul(0.9).add(g.ref.mul(0.1));
  const newV = v.mul(0.999).add(np.square(g).mul(0.001));
  return [x.sub(rate.mul(newM.ref).div(np.sqrt(newV.ref).add(1e-8))), newM, newV];
});

let steps = 0;
async function step() {
  const rows = batchOf(batch);
  const ints = (values) => np.array(values, { dtype: np.int32 });
  const [gender, age, occupation] = rows.categories.map(ints);
  const own = { users: ints(rows.users), gender, age, occupation, items: ints(rows.items), genres: ints(rows.genres) };
  const [loss, grads] = gradient(tree.ref(parameters), own);
  steps++;
  const rate = (1e-3 * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
  for (const name of Object.keys(shapes))
    [parameters[name], means[name], squares[name]] = adam(
      parameters[name],
      means[name],
      squares[name],
      grads[name],
      np.array(rate),
    );
  for (const name of Object.keys(shapes)) await parameters[name].blockUntilReady();
  return (await loss.data())[0];
}
await report("jax-js 0.1.25, wasm", batch, step);
