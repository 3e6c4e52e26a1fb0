import type { Random } from "../../tensor/random.ts";

/** Words that sound like their genre, so that a list of titles shows at a glance what a user likes. */
const WORDS: { readonly [genre: string]: { readonly adjectives: string; readonly nouns: string } } = {
  Drama: {
    adjectives: "Quiet Broken Distant Tender Ordinary Unspoken",
    nouns: "House Winter Letter Daughter Silence Promise Brother Garden",
  },
  Comedy: {
    adjectives: "Awkward Lucky Reluctant Cheerful Accidental Hopeless",
    nouns: "Wedding Landlord Holiday Cousin Dentist Neighbour Choir Diet",
  },
  Thriller: {
    adjectives: "Hidden Second Cold Final Silent Double",
    nouns: "Witness Signal Alibi Courier Passenger Cipher Hour Informer",
  },
  Crime: {
    adjectives: "Crooked Dirty Unsolved Stolen Wanted Marked",
    nouns: "Ledger Heist Detective Verdict Alley Confession Diamond Gang",
  },
  Romance: {
    adjectives: "Secret Endless Second Bittersweet Summer Faithful",
    nouns: "Kiss Heart Waltz Proposal Stranger Rose Bride Serenade",
  },
  "Science Fiction": {
    adjectives: "Orbital Synthetic Quantum Stellar Lunar Infinite",
    nouns: "Colony Machine Nebula Android Voyage Paradox Horizon Engine",
  },
  Fantasy: {
    adjectives: "Enchanted Ancient Golden Moonlit Forgotten Elven",
    nouns: "Dragon Kingdom Sword Oracle Crown Spell Forest Wizard",
  },
  Horror: {
    adjectives: "Haunted Crimson Cursed Hollow Midnight Buried",
    nouns: "Asylum Doll Cellar Ritual Shadow Grave Whisper Mirror",
  },
  Adventure: {
    adjectives: "Lost Daring Uncharted Wild Savage Perilous",
    nouns: "Island Expedition Treasure River Compass Summit Jungle Caravan",
  },
  Animation: {
    adjectives: "Tiny Magical Bouncing Curious Flying Brave",
    nouns: "Robot Penguin Balloon Hedgehog Toymaker Comet Teapot Fox",
  },
  Documentary: {
    adjectives: "Living Vanishing Modern Invisible Real Deep",
    nouns: "Ocean Glacier Harvest Factory Reef City Archive Orchestra",
  },
  History: {
    adjectives: "Imperial Fallen Royal Last Iron Victorious",
    nouns: "Empire General Siege Treaty Regiment Queen Republic Fleet",
  },
};
const PLACES =
  "Lisbon Cairo Oslo Kyoto Havana Prague Nairobi Lima Vienna Bombay Trieste Quebec Odessa Marseille Tangier Dublin Shanghai Naples".split(
    " ",
  );

/** Every genre a title can be made for. */
export const genreNames: readonly string[] = Object.keys(WORDS);

/** Invents titles, no two alike. */
export class Titles {
  readonly #random: Random;
  readonly #used = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A title for a film of these genres, at least one. */
  next(genres: readonly string[]): string {
    const wanted = this.#invent(genres);
    let title = wanted;
    for (let part = 2; this.#used.has(title); part++) title = `${wanted} ${part}`;
    this.#used.add(title);
    return title;
  }

  #invent(genres: readonly string[]): string {
    const adjective = this.#pick(WORDS[this.#pick(genres)].adjectives.split(" "));
    const nouns = WORDS[this.#pick(genres)].nouns.split(" ");
    const noun = this.#pick(nouns);
    switch (this.#random.below(5)) {
      case 0:
        return `${adjective} ${noun}`;
      case 1:
        return `The ${noun} of ${this.#pick(PLACES)}`;
      case 2:
        return `The ${this.#pick(nouns)} and the ${noun}`;
      case 3:
        return `${adjective} ${noun} in ${this.#pick(PLACES)}`;
      default:
        return `The ${adjective} ${noun}`;
    }
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)];
  }
}
