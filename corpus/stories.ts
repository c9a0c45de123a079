// Short stories: a cast, a place, one of several plots told in beats, an ending that fits what happened.
import { drawCast } from "./cast";
import type { Draw } from "./draw";
import { expand, slotLists } from "./expand";
import { plots } from "./plots";
import { morePlots } from "./plotsWithFriends";

const openings = [
  "[Once upon a time|Once|Long ago], there was {heroIs} named {hero}. [{^he} lived in {town=towns}|{hero} lived near the {home=places}|{^he} had a friend named {friend}].",
  "{hero} was {heroIs}. {^he} lived [in {town=towns}|near the {home=places}|in {a color} house|with {his} {kin}].",
  "There once was {heroIs} called {hero}, who [lived in {town=towns}|was always {trait}|loved {hobby=hobbies}|wore {a color} {wear=clothes}].",
  "In {town=towns} lived {heroIs}. [{^his} name was {hero}|Everybody called {him} {hero}].",
  "[One {weatherWord} {time=dayParts}|One {season} {time=dayParts}|On {a weatherWord} {day}], {hero} {moved} to the {home=places}. {hero} was {heroIs}.",
  "This is a story about {hero}, {heroIs} [from {town=towns}|who loved {hobby=hobbies}|who was never {badFeeling} for long].",
];

const endings = [
  "From that day on, {hero} and {friend} were [best|good|close] friends.",
  "That night {hero} fell asleep [with a smile|feeling {goodFeeling}|and dreamed of the {place}].",
  "{hero} [learned|knew|understood] that {lesson=lessons}.",
  "And so the day ended well, and everybody was {goodFeeling}.",
  "{hero} went home [feeling {goodFeeling}|with {a goodFeeling} heart|{adverb}].",
  '"What a day!" said {hero}. {^he} was very {goodFeeling}.',
  "{hero} never forgot that day.",
  "They [laughed|sang|danced] all the way home.",
  "",
];

const allPlots = [...plots, ...morePlots];

/** One story of 60–180 words. */
export function story(draw: Draw): string {
  const facts = drawCast(draw);
  const plot = draw.pick(allPlots);
  const beats = [draw.pick(openings), ...plot.map((beat) => draw.pick(beat)), draw.pick(endings)];
  const lists = slotLists(plot.flat());
  const separator = draw.chance(0.15) ? "\n\n" : " ";
  const sentences = beats.map((beat) => expand(draw, beat, facts, lists)).filter(Boolean);
  const middle = Math.ceil(sentences.length / 2);
  const text = `${sentences.slice(0, middle).join(" ")}${separator}${sentences.slice(middle).join(" ")}`;
  if (!draw.chance(0.2)) return text;
  const title = draw.pick([
    `${facts.hero} and ${facts.friend}`,
    `The Story of ${facts.hero}`,
    `${facts.hero}'s Day`,
  ]);
  return `${title}\n\n${text}`;
}
