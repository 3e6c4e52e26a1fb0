import { describe, expect, test } from "vitest";
import { bootstrapInterval, compare, normalInterval } from "../../src/evaluation/confidence.ts";
import { Random } from "../../src/tensor/random.ts";

const uniform = (n: number, seed: number) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.next());
};

describe("intervals", () => {
  test("of 200 samples with the true mean 0.5, about 95 % hold it", () => {
    let normal = 0;
    let bootstrap = 0;
    for (let seed = 0; seed < 200; seed++) {
      const values = uniform(60, seed);
      const n = normalInterval(values);
      const b = bootstrapInterval(values, { seed, samples: 200 });
      if (n.low <= 0.5 && 0.5 <= n.high) normal++;
      if (b.low <= 0.5 && 0.5 <= b.high) bootstrap++;
    }
    for (const held of [normal, bootstrap]) {
      expect(held).toBeGreaterThan(180);
      expect(held).toBeLessThan(200);
    }
  });

  test("bootstrap and normal agree on many users, and a seed gives the same bounds again", () => {
    const values = uniform(2000, 1);
    const b = bootstrapInterval(values, { seed: 3 });
    const n = normalInterval(values);
    expect(b.mean).toBe(n.mean);
    expect(Math.abs(b.low - n.low)).toBeLessThan(0.002);
    expect(b).toEqual(bootstrapInterval(values, { seed: 3 }));
  });
});

describe("comparison", () => {
  const base = uniform(500, 2);
  const noise = uniform(500, 3);

  test("finds a small difference that single intervals hide", () => {
    const better = base.map((value, user) => value + 0.02 * noise[user]);
    const found = compare(better, base, { seed: 1 });
    expect(found.significant).toBe(true);
    expect(found.wins).toBe(1);
    expect(normalInterval(base).high).toBeGreaterThan(normalInterval(better).low);
  });

  test("does not find one where there is none", () => {
    expect(compare(base, base, { seed: 1 })).toMatchObject({ mean: 0, wins: 0, losses: 0, significant: false });
  });

  test("p of nothing is even over many draws, of something small", () => {
    const ps = Array.from(
      { length: 100 },
      (_, seed) => compare(uniform(50, seed), uniform(50, seed + 1000), { seed, samples: 200 }).p,
    );
    const below = (limit: number): number => ps.filter((p) => p < limit).length;
    expect(below(0.05)).toBeLessThan(14); // 5 expected
    expect(below(0.5)).toBeGreaterThan(35);
    expect(below(0.5)).toBeLessThan(65);
    expect(
      compare(
        base.map((value) => value + 0.1),
        base,
        { seed: 1 },
      ).p,
    ).toBeLessThan(0.001);
    expect(compare(base, base, { seed: 1 }).p).toBe(1);
  });

  test("p of few users is that of all their signs", () => {
    // Three differences of one sign: of the 8 ways to sign them 2 are as far from 0.
    expect(compare(Float64Array.of(1, 2, 3), Float64Array.of(0, 0, 0), { seed: 1 }).p).toBeCloseTo(0.25, 1);
  });

  test("needs the same users", () => {
    expect(() => compare(base, base.subarray(1), { seed: 1 })).toThrow(/same users/);
  });
});
