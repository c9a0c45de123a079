// Every word list by the name that templates use for it: {animal}, {gift=gifts}.
import * as actions from "./words/actions";
import * as nature from "./words/nature";
import * as people from "./words/people";
import * as places from "./words/places";
import * as things from "./words/things";

export const towns = places.townFirst.flatMap((first) => places.townLast.map((last) => first + last));
const signNames = places.signAdjectives.flatMap((adjective) =>
  places.signNouns.map((noun) => `The ${adjective} ${noun}`),
);

export const lexicon: Readonly<Record<string, readonly string[]>> = {
  ...people,
  ...nature,
  ...things,
  ...places,
  ...actions,
  persons: [...people.girls, ...people.boys],
  foods: [...things.fruits, ...things.vegetables, ...things.dishes],
  towns,
  signNames,
  goodFeeling: people.goodFeelings,
  badFeeling: people.badFeelings,
  trait: people.traits,
  job: people.jobs,
  color: things.colors,
  adverb: actions.adverbs,
  adjective: things.objectAdjectives,
  animal: nature.animals,
  place: places.places,
  day: places.days,
  month: places.months,
  season: nature.seasons,
  city: places.cities,
  moved: actions.pastMotions,
  said: actions.saidVerbs,
  asked: actions.askVerbs,
  looked: actions.lookVerbs,
  idiom: actions.idioms,
  object: things.objects,
  food: things.dishes,
  drink: things.drinks,
  flower: nature.flowers,
  tree: nature.trees,
  weatherWord: nature.weather,
};
