import { TwoTowerError } from "../errors.ts";

/** PostgreSQL cuts longer names off without a word, and two names could become one. */
const LONGEST_NAME = 63;

/** A name as SQL. Throws BAD_ARGUMENT for one that PostgreSQL cannot hold. */
export function identifier(what: string, name: unknown, longest: number = LONGEST_NAME): string {
  const bytes = typeof name === "string" ? new TextEncoder().encode(name).length : 0;
  if (typeof name !== "string" || bytes === 0 || bytes > longest || !isStorable(name))
    throw new TwoTowerError(
      "BAD_ARGUMENT",
      `${what} is ${JSON.stringify(name)}; expected a name of 1 to ${longest} bytes`,
    );
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL, whatever the server's settings: in E'…' backslashes always escape. */
export const literal = (text: string): string => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** Whether PostgreSQL's text can hold it: no character 0, no half of a pair. What cannot be held is never found there. */
export const isStorable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

/** The values of a statement. Each goes as text, and the SQL says what it is: so every client sends it alike. */
export class Values {
  readonly texts: string[] = [];

  /** SQL for a value of this type. */
  of(text: string, type: string): string {
    return `$${this.texts.push(text)}::text::${type}`;
  }

  /** SQL for the rows of a list of texts. */
  rowsOf(texts: readonly string[]): string {
    return `jsonb_array_elements_text(${this.of(JSON.stringify(texts), "jsonb")})`;
  }

  /** SQL for an array. */
  arrayOf(texts: readonly string[], type: string): string {
    return `ARRAY(SELECT ${this.rowsOf(texts)}::${type})`;
  }
}

/** A vector as pgvector reads it. Nine digits tell every float32 from every other. */
export const vectorText = (vector: Float32Array): string =>
  `[${Array.from(vector, (x) => x.toPrecision(9)).join(",")}]`;
