// Who a text is about: names with the pronouns that belong to them, so that "she" stays "she".
import type { Draw } from "./draw";
import { type Facts, withArticle } from "./expand";
import { wildAnimals } from "./words/nature";
import { boys, girls, surnames, traits } from "./words/people";
import { sizes } from "./words/things";

export interface Person {
  name: string;
  he: string;
  him: string;
  his: string;
  child: string;
}

/** A person whose name is not in `taken`. */
export function drawPerson(draw: Draw, taken: readonly string[] = []): Person {
  const female = draw.chance(0.5);
  let name = draw.pickWord(female ? girls : boys);
  while (taken.includes(name)) name = draw.pickWord(female ? girls : boys);
  return female
    ? { name, he: "she", him: "her", his: "her", child: "girl" }
    : { name, he: "he", him: "him", his: "his", child: "boy" };
}

/** "Mr. Hill", "Aunt Rosa": grown-ups who help in stories. */
export function drawGrownUp(draw: Draw): Person {
  const person = drawPerson(draw);
  const female = person.he === "she";
  const titles = female ? ["Mrs.", "Miss", "Aunt", "Grandma"] : ["Mr.", "Uncle", "Grandpa", "Captain"];
  const title = draw.pick(titles);
  const name = /^(Mr|Mrs|Miss|Captain)/.test(title) ? draw.pickWord(surnames) : person.name;
  return { ...person, name: `${title} ${name}`, child: female ? "woman" : "man" };
}

/** Facts hero/he/him/his and friend/fhe/fhim/fhis; `heroIs` introduces the hero ("a shy fox"). */
export function drawCast(draw: Draw): Facts {
  const hero = drawPerson(draw);
  const friend = drawPerson(draw, [hero.name]);
  const helper = drawGrownUp(draw);
  const trait = draw.pickWord(traits);
  const beast = draw.chance(0.3);
  const heroKind = beast ? draw.pickWord(wildAnimals) : hero.child;
  const friendKind = beast ? draw.pickWord(wildAnimals) : friend.child;
  return {
    hero: hero.name,
    he: hero.he,
    him: hero.him,
    his: hero.his,
    heroKind,
    heroIs: draw.chance(0.6)
      ? withArticle(`${trait} ${heroKind}`)
      : withArticle(`${draw.pick(sizes.slice(0, 6))} ${heroKind}`),
    friend: friend.name,
    fhe: friend.he,
    fhim: friend.him,
    fhis: friend.his,
    friendKind,
    helper: helper.name,
    hhe: helper.he,
    hhim: helper.him,
    hhis: helper.his,
    trait,
  };
}
