// What a user's compiler sees of the package. It is compiled for browsers and for Node, and never run.
import { category, id, type Recommendation, TwoTowerError, tags, twoTower } from "twotower";
import { HnswIndex, hnsw } from "twotower/hnsw";
import { AttributedIndex, indexFromBytes, TrainedModel } from "twotower/recall";
import { recallService } from "twotower/server";
import { postgresStore, storeRecaller } from "twotower/stores";

const model = twoTower({
  user: { userId: id(), country: category() },
  item: { itemId: id(), genres: tags() },
});
await model.fit({
  users: [{ userId: "u", country: "KR" }],
  items: [{ itemId: 1, genres: ["a"] }],
  interactions: [{ userId: "u", itemId: 1 }],
});

// @ts-expect-error a misspelt column
model.embedUsers([{ userId: "u", contry: "KR" }]);
// @ts-expect-error tags are lists of words
model.embedItems([{ itemId: 1, genres: 3 }]);

// @ts-expect-error a factory is no kind of saved index
indexFromBytes(new Uint8Array(), { kinds: [hnsw] });

export const best: Recommendation[] = model.index(hnsw({ M: 8 })).recall({ country: "KR" }, 5, { exclude: ["1"] });
export const nearest: readonly bigint[] = new HnswIndex<bigint>({ dimension: 8 }).search(new Float32Array(8), 3).ids;
export const served: Recommendation[] = TrainedModel.load(model.save())
  .recaller(indexFromBytes(new Uint8Array(), { kinds: [HnswIndex, AttributedIndex] }))
  .recall("u");
export const code: TwoTowerError["code"] = new TwoTowerError("BAD_FILE", "gone").code;

const service = recallService(model.index(), { changes: true });
export const answer: Promise<Response> = service.fetch(new Request("http://host/recall?user=u"));
// @ts-expect-error a misspelt option
recallService(model.index(), { change: true });

const store = postgresStore(
  { query: async () => ({ rows: [] }) },
  { table: "items", attributes: { genres: "category" } },
);
export const stored: Promise<Recommendation[]> = storeRecaller(model, store).recall({ country: "KR" }, 5);
export const servedFromStore = recallService(storeRecaller(TrainedModel.load(model.save()), store));
// @ts-expect-error a misspelt column
storeRecaller(model, store).recall({ contry: "KR" });
