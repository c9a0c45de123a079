// Descriptions of people, animals, places and things in free prose.
import { drawCast } from "./cast";
import type { Draw } from "./draw";
import { expand } from "./expand";

const person = [
  "{hero} is {a job=job} [in {town=towns}|from {city}]. [{^he} is {trait} and {t2=traits}.|People say that {he} is {trait}.]",
  "{^he} has {hairWord=hair} hair and a {voice=voices} voice. {^he} [always|often|usually] wears {a c1=colors} {w1=clothes} and {a c2=colors} {w2=clothes}.",
  "In {his} free time {he} likes {h1=hobbies} and {h2=hobbies}. [On {day} {he} goes to the {p1=places}.|]",
  "{^his} best friend is {friend}, {a trait2=traits} {fjob=jobs}. Together they [go to the {p2=places}|talk about {sub=bookSubjects}|eat {dish=dishes}].",
  "[In {his} house there is {a adj1=objectAdjectives} {obj=objects} made of {mat=solids}.|{^he} has {a petWord=pets} that likes {feed=animalFoods}.|]",
  "[Everybody likes {hero}.|{hero} is never {badFeeling}.|When {hero} laughs, everybody laughs.|]",
];
const animal = [
  "The {beast=animals} is {a size1=sizes} animal. [It is {c1=colors} or {c2=colors}.|It has {c1=colors} [fur|skin|spots|hair] and {c2=colors} [eyes|feet|ears].]",
  "It lives {where=habitats} and eats {f1=animalFoods} and {f2=animalFoods}.",
  "[In {season}|At night|In the {time=dayParts}] it [sleeps|looks for food|hides|plays|builds its home].",
  "[It is afraid of the {beast2=animals}.|Its young are very {t1=traits}.|It can [run|swim|climb|jump|dig] very well.|People often see it near the {land=landscapes}.]",
  "[If you see {a beast}, be quiet.|{^a beast} can live for {years} years.|]",
];
const place = [
  "The {spot=places} in {town=towns} is {a1=placeAdjectives} and {a2=placeAdjectives}.",
  "[In the middle|At the entrance|Near the door|Behind it] there is {a o1=objects} made of {mat=solids}. [Beside it|Next to it|Above it] you can see {a c1=colors} {o2=objects}.",
  "[{^a tree=trees} grows|Many {flower}s grow] [by the wall|in front of it|on the left|on the right].",
  "In the {time=dayParts} {a job=jobs} named {hero} comes [here|there] [to rest|to work|with {a beast=pets}|to eat {dish=dishes}].",
  "[When it is {w1=weather}|In {season}] it is {a3=placeAdjectives}, [but|and] when it is {w2=weather} people [stay at home|like to sit here|drink {drink} here].",
  "[It was built in {year} by {friend} {sur=surnames}.|To get there, take the {ride=vehicles} to {street=streets}.|]",
];
const thing = [
  "This is {a a1=objectAdjectives} {obj=objects}. It is made of {mat=solids} and [painted {c1=colors}|its color is {c1=colors}].",
  "It belongs to {hero}, who [bought it at {shop=signNames}|found it {hide=hidingPlaces}|got it from {helper}|made it in the {room=rooms}].",
  "[It is {size1=sizes} and {shape=shapes}.|It smells of {fr=fruits}.|It weighs [two|three|four|five] pounds.|On it there is a picture of {a beast=animals}.]",
  "{hero} uses it [every {time=dayParts}|on {day}|when it is {w1=weather}|to {chore=chores}]. [{^he} keeps it in the {room2=rooms}.|]",
  "[It is old, but {he} would never sell it.|One day {he} wants to give it to {friend}.|{friend} has one too, but that one is {c3=colors}.|]",
];
const weatherText = [
  "Today it is {w1=weather} and {w2=weather} in {city=cities}. [The sky is {c1=colors}.|You can see the {sky=stars}.]",
  "In the {time=dayParts} there will be {a a1=objectAdjectives} wind from the [north|south|east|west]. [Take {a c2=colors} {wear=clothes} with you.|]",
  "On {d1=days} it will be {w3=weather}, and on {d2=days} {w4=weather}. [In {city2=cities} it is {w5=weather}.|]",
  "[{hero} likes {w1} weather.|{hero} wants to go to the {spot=outdoors} when it is {w3}.|Farmers are {goodFeeling} about the {w2} days.]",
];
const dayText = [
  "{hero} gets up at {hour} and drinks {d1=drinks}. For breakfast {he} eats {f1=dishes}.",
  "Then {he} goes to the {p1=places} by {ride=vehicles}, because {he} is {a job=jobs} there.",
  "At noon {he} eats {f2=dishes} with {friend}. They talk about {sub=bookSubjects}.",
  "In the afternoon {he} has to {c1=chores} and {c2=chores}. [That makes {him} {badFeeling}.|{^he} does it {adverb}.]",
  "In the evening {he} likes {h1=hobbies}. [{^he} is {goodFeeling} when it is {w1=weather}.|Then {he} reads a book about {sub2=bookSubjects} and goes to bed.]",
];

const kinds = [person, person, animal, place, place, thing, thing, weatherText, dayText];

/** A description of 40–100 words; facts such as the owner's name stay the same throughout. */
export function description(draw: Draw): string {
  const facts = drawCast(draw);
  facts.years = String(draw.between(2, 40));
  facts.year = String(draw.between(1820, 2020));
  facts.hour = draw.pick(["six", "seven", "eight", "half past six", "half past seven", "nine"]);
  return draw
    .pick(kinds)
    .map((sentence) => expand(draw, sentence, facts))
    .filter(Boolean)
    .join(" ");
}
