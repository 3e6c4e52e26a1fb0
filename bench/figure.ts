/** One measured figure; with --json one line each. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the machine could do at most, measured in the same run, in the same unit. */
  readonly limit?: number;
  /** value / limit. */
  readonly ratio?: number;
  readonly recall?: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
};

/** Whether a figure of this name was asked for; what was not need not be measured. */
export type Wanted = (name: string) => boolean;
