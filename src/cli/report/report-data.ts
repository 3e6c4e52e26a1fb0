// What the page of a report is told: the JSON inside it. Written by Node, read by the page's own scripts.

export interface ReportData {
  /** The model's folder and the test file, as they were given. */
  readonly model: string;
  readonly test: string;
  /** Names and figures of the head of the page. */
  readonly facts: readonly Labelled[];
  /** Towers, features and data, a line each; and the whole schema as JSON. */
  readonly declaration: readonly Labelled[];
  readonly schema: string;
  readonly training: LearningCurves | null;
  /** The model first, then baselines. */
  readonly rankers: readonly RankerFigures[];
  readonly deciles: readonly Decile[];
  readonly similarities: Similarities;
  readonly map: ItemMap;
}

export interface Labelled {
  readonly label: string;
  readonly text: string;
}

export interface LearningCurves {
  /** Of `validation`, such as "ndcg@20". */
  readonly metric: string;
  readonly bestEpoch: number;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly loss: number;
    readonly validation: number | null;
    readonly seconds: number;
  }[];
}

export interface RankerFigures {
  readonly name: string;
  /** One for each cut-off, ascending. */
  readonly at: readonly {
    readonly k: number;
    readonly recall: number;
    readonly hit: number;
    readonly ndcg: number;
    readonly mrr: number;
    readonly map: number;
    /** Share of the catalogue in somebody's first k, and how unevenly: 0 all alike, 1 always the same. */
    readonly coverage: number;
    readonly gini: number;
    /** Recall in each decile; null where the test has no pair. */
    readonly deciles: readonly (number | null)[];
  }[];
}

/** A tenth of the items by popularity, the most popular first; last, if the test has any, those training never saw. */
export interface Decile {
  readonly label: string;
  readonly items: number;
  /** Training interactions of its items. */
  readonly fewest: number;
  readonly most: number;
  /** Test pairs of its items. */
  readonly pairs: number;
}

/** How the cosines of user and item are spread. */
export interface Similarities {
  /** Where the first bin begins, and how wide bins are. */
  readonly from: number;
  readonly width: number;
  readonly of: readonly {
    readonly name: string;
    readonly pairs: number;
    readonly mean: number;
    /** The share of the pairs in each bin. */
    readonly shares: readonly number[];
  }[];
  /** How often a held-out choice is more similar than an item drawn at random for the same users; null without any. */
  readonly heldOutWins: number | null;
}

/** Items in two dimensions. */
export interface ItemMap {
  /** Items in the catalogue; the map may show fewer. */
  readonly catalogue: number;
  readonly dimension: number;
  /** Share of the vectors' variance along either axis. */
  readonly explained: readonly [number, number];
  /** By x, ascending. */
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    /** Row in `names`. */
    readonly item: number;
    readonly interactions: number;
    /** Rows in `names` of the items whose vectors are nearest, in all dimensions; with their cosines. */
    readonly nearest: readonly (readonly [item: number, cosine: number])[];
  }[];
  readonly names: readonly string[];
  /** What the points can be coloured by; the group of each point, −1 for none of them. */
  readonly colours: readonly {
    readonly by: string;
    readonly groups: readonly string[];
    readonly of: readonly number[];
  }[];
}
