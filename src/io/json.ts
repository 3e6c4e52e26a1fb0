import { type ErrorCode, TwoTowerError } from "../errors.ts";
import { show } from "../features/options.ts";
import { didYouMean, quoted } from "../features/suggest.ts";

/** What a JSON document is, for messages: "model.json", and the code of the errors about it. */
export interface JsonSource {
  readonly name: string;
  readonly code: ErrorCode;
}

/**
 * A value somewhere in a JSON document of unknown origin. Each step checks what it finds, and names the path where
 * it was something else: `schema.json: users.features.age.bins is "8": expected a number`.
 */
export class Json {
  readonly value: unknown;
  readonly #source: JsonSource;
  readonly #path: string;

  constructor(value: unknown, source: JsonSource, path = "") {
    this.value = value;
    this.#source = source;
    this.#path = path;
  }

  /** The members of an object, own ones only; with no other keys than `allowed`, if these are given. */
  members(allowed?: readonly string[]): Map<string, Json> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.expected("an object");
    const members = new Map<string, Json>();
    for (const [key, member] of Object.entries(value)) {
      if (allowed && !allowed.includes(key))
        throw this.error(`has no key "${key}"${didYouMean(key, allowed)}; the keys are ${quoted(allowed)}`);
      members.set(key, new Json(member, this.#source, this.#path ? `${this.#path}.${key}` : key));
    }
    return members;
  }

  /** A member that must be there. */
  get(key: string): Json {
    const member = this.members().get(key);
    if (member) return member;
    throw this.error(`lacks the key "${key}"`);
  }

  items(): Json[] {
    if (!Array.isArray(this.value)) throw this.expected("a list");
    return this.value.map((item, i) => new Json(item, this.#source, `${this.#path}[${i}]`));
  }

  text(): string {
    if (typeof this.value !== "string") throw this.expected("text");
    return this.value;
  }

  number(): number {
    if (typeof this.value !== "number" || !Number.isFinite(this.value)) throw this.expected("a finite number");
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== "boolean") throw this.expected("true or false");
    return this.value;
  }

  /** One of a few words. */
  oneOf<T extends string | number>(words: readonly T[]): T {
    const found = words.find((word) => word === this.value);
    if (found !== undefined) return found;
    const hint = typeof this.value === "string" ? didYouMean(this.value, words.map(String)) : "";
    throw this.error(`is ${show(this.value)}${hint}: expected ${words.map((word) => show(word)).join(", ")}`);
  }

  /** What `make` makes of this value; what it complains of becomes an error about this place of the document. */
  naming<T>(make: () => T): T {
    try {
      return make();
    } catch (cause) {
      if (!(cause instanceof TwoTowerError)) throw cause;
      throw new TwoTowerError(this.#source.code, `${this.#place}: ${cause.message}`, { cause });
    }
  }

  expected(what: string): TwoTowerError {
    return this.error(`is ${show(this.value)}: expected ${what}`);
  }

  error(problem: string, options?: ErrorOptions): TwoTowerError {
    return new TwoTowerError(this.#source.code, `${this.#place} ${problem}`, options);
  }

  get #place(): string {
    return this.#path ? `${this.#source.name}: ${this.#path}` : this.#source.name;
  }
}
