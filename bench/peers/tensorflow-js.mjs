// The training step in TensorFlow.js: node tensorflow-js.mjs wasm|cpu BATCH
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { batchOf, report, shapes, uniform } from "./data.mjs";

const [backend = "wasm", size = "256"] = process.argv.slice(2);
const batch = Number(size);
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend "${backend}" here`);
await tf.ready();

const p = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => {
    const limit = shape.length > 1 ? 0.1 : 0;
    const count = shape.reduce((product, n) => product * n, 1);
    return [name, tf.variable(tf.tensor(uniform(count, limit), shape), true, name)];
  }),
);
const adam = tf.train.adam(1e-3);
const tower = (x, side) => {
  const hidden = tf.relu(tf.add(tf.matMul(x, p[`${side}Hidden`]), p[`${side}HiddenBias`]));
  const y = tf.add(tf.matMul(hidden, p[`${side}Out`]), p[`${side}OutBias`]);
  return tf.div(y, tf.sqrt(tf.add(tf.sum(tf.square(y), 1, true), 1e-12)));
};

async function step() {
  const rows = batchOf(batch);
  const loss = tf.tidy(() =>
    adam.minimize(() => {
      const indices = (values) => tf.tensor1d(values, "int32");
      const categories = ["gender", "age", "occupation"].map((name, i) =>
        tf.gather(p[name], indices(rows.categories[i])),
      );
      const user = tower(tf.concat([tf.gather(p.userId, indices(rows.users)), ...categories], 1), "user");
      const tags = tf.mean(tf.reshape(tf.gather(p.genres, indices(rows.genres)), [batch, 2, 16]), 1);
      const item = tower(tf.concat([tf.gather(p.itemId, indices(rows.items)), tags], 1), "item");
      const logits = tf.div(tf.matMul(user, item, false, true), 0.1);
      const own = tf.sum(tf.mul(logits, tf.eye(batch)), 1);
      return tf.mean(tf.sub(tf.logSumExp(logits, 1), own));
    }, true),
  );
  const [value] = await loss.data();
  loss.dispose();
  return value;
}
await report(`TensorFlow.js ${tf.version_core}, ${backend}`, batch, step);
