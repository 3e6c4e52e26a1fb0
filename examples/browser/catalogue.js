// A film club that never was: 480 films, 900 members, and what each of them has watched. Everything follows from one
// seed, so that the page learns the same model, to the last bit, wherever it is opened.

const GENRES = {
  Noir: ["Crooked Silent Midnight Marked Velvet Last Paper Cold", "Alibi Ledger Witness Harbour Verdict"],
  Space: ["Orbital Stellar Lunar Quantum Frozen Second Distant Solar", "Colony Engine Horizon Signal Voyage"],
  Romance: ["Secret Summer Endless Bittersweet Gentle Faithful Late First", "Waltz Letter Proposal Serenade Rose"],
  Horror: ["Hollow Crimson Buried Cursed Haunted Pale Whispering Locked", "Cellar Mirror Doll Grave Lullaby"],
  Comedy: ["Awkward Lucky Reluctant Accidental Cheerful Spare Loud Modest", "Landlord Wedding Dentist Choir Cousin"],
  Western: ["Dusty Lonesome Iron Wild Burning Broken Long Bitter", "Canyon Stagecoach Sheriff River Saddle"],
  Nature: ["Living Vanishing Deep Secret Frozen Green Hidden Wandering", "Reef Glacier Forest Savannah Tide"],
  History: ["Imperial Fallen Royal Iron Forgotten Northern Golden Last", "Siege Treaty Empire Queen Regiment"],
  Animation: ["Tiny Flying Brave Curious Bouncing Paper Sleepy Magic", "Hedgehog Teapot Balloon Penguin Comet"],
  Music: ["Electric Blue Broken Barefoot Northern Restless Honest Velvet", "Ballad Trumpet Tour Chorus Overture"],
  Heist: ["Perfect Double Impossible Clean Quiet Golden Seventh Borrowed", "Diamond Vault Train Museum Forgery"],
  Myth: ["Ancient Enchanted Moonlit Elven Sunken Winged Stone Silver", "Dragon Oracle Kingdom Labyrinth Crown"],
};
const GENRE_NAMES = Object.keys(GENRES);

/** Whole numbers below n from a linear congruential generator: enough for a film club. */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

export function filmClub() {
  const below = dice(20);
  const films = GENRE_NAMES.flatMap((genre, g) => {
    const [adjectives, nouns] = GENRES[genre].map((words) => words.split(" "));
    return Array.from({ length: 40 }, (_, i) => ({
      filmId: `${genre}-${i}`,
      title: `The ${adjectives[i % 8]} ${nouns[Math.floor(i / 8)]}`,
      genres: below(3) === 0 ? [genre, GENRE_NAMES[(g + 1 + below(11)) % 12]] : [genre],
      year: 1950 + below(75),
    }));
  });
  const byGenre = GENRE_NAMES.map((genre) => films.filter((film) => film.genres.includes(genre)));

  const watched = [];
  for (let member = 0; member < 900; member++) {
    const favourites = [below(12), below(12)];
    const seen = new Set();
    for (let n = 0; n < 24; n++) {
      const shelf = below(10) < 8 ? byGenre[favourites[below(2)]] : films;
      const film = shelf[Math.min(below(shelf.length), below(shelf.length))]; // the first of a shelf are its classics
      if (seen.has(film)) continue;
      seen.add(film);
      watched.push({ memberId: `m${member}`, filmId: film.filmId, timestamp: 1_700_000_000 + 86_400 * n + member });
    }
  }
  return { films, watched };
}
