// CommonJS: the package is one ES module build, and require() takes it as it is.
const { HnswIndex } = require("twotower/hnsw");
const { ExactIndex } = require("twotower/recall");

const ids = ["east", "north", "west"];
const vectors = [1, 0, 0, 1, -1, 0];
const answers = [HnswIndex, ExactIndex].map((Index) => {
  const index = new Index({ dimension: 2 });
  index.addMany(ids, vectors);
  return index.search([1, 0.1], 3).ids;
});
console.log(JSON.stringify(answers));
