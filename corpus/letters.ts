// Letters and short dialogues between two people who keep their names and wishes.
import { drawCast } from "./cast";
import type { Draw } from "./draw";
import { expand } from "./expand";

const letterBeats = [
  "[How are you? I hope you are {goodFeeling}.|Thank you for your letter.|I have not written for a long time.|I have good news!|I am writing from {city}.|Do you remember {helper}?]",
  "[Yesterday|Last {day}|This {season}|Last week] I [went to|visited|saw] the {spot=places} [in {town=towns}|with {helper}|with my {kin}]. It was {a1=placeAdjectives} and {w1=weather}.",
  "[We ate {dish=dishes} and drank {drink=drinks}.|I saw {a beast=animals} {where=habitats}.|I bought you {a gift=gifts}.|I learned to {skill=skills}, and it made me {goodFeeling}.|I lost my {thing=smallThings} and found it {hide=hidingPlaces}.]",
  "[On {day2=days} we will have {a event=events}. Can you come? Please bring {g1=groceries} and {g2=groceries}.|Will you visit me in {month}? We can [go to the {p2=outdoors}|make {dish2=dishes}|play with the {toy=toys}].|Could you send me {a o1=objects}? Mine is {adj=objectAdjectives}.]",
  "[My {pet=pets} {petName=persons} says hello too.|{helper} sends {hhis} best wishes.|The weather is {w2=weather} here.|I think of you every {time=dayParts}.|]",
];

/** A letter with greeting, three to five sentences and a name under it. */
export function letter(draw: Draw): string {
  const facts = drawCast(draw);
  const greeting = expand(draw, "[Dear|Hello|Hi|My dear] {friend},", facts);
  const body = letterBeats
    .map((beat) => expand(draw, beat, facts))
    .filter(Boolean)
    .join(" ");
  const close = expand(
    draw,
    "[Yours|Love|Your friend|Best wishes|See you soon|With love|Many greetings],",
    facts,
  );
  const date = draw.chance(0.25)
    ? `${expand(draw, "{town=towns}, {month}", facts)} ${draw.between(1, 28)}\n\n`
    : "";
  return `${date}${greeting}\n\n${body}\n\n${close}\n${facts.hero}`;
}

const exchanges: readonly (readonly string[])[] = [
  [
    "{hero}: [Hello|Good {time=dayParts}|Hi], {friend}. Where are you going?",
    "{friend}: I am going to the {spot=places}. I want to [buy {a thing=objects}|meet {helper}|see the {event=events}].",
    "{hero}: [Can I come with you|May I come too]?",
    "{friend}: [Of course|Yes|Sure]. But take your {wear=clothes}, it is {w1=weather}.",
    "{hero}: [Good idea|Thank you]. Let us go to the {spot}.",
  ],
  [
    "{hero}: Good {time=dayParts}. How much is the {c1=colors} {thing=objects}?",
    "{friend}: It is {price} coins. It is made of {mat=solids}.",
    "{hero}: That is [too much|a lot]. Do you have {a c2=colors} one?",
    "{friend}: Yes, the {c2} {thing} is [only|just] {less} coins.",
    "{hero}: [Very well|Good], I will take the {c2} one. Here are {less} coins.",
    "{friend}: Thank you. [Have a nice day!|Come again!]",
  ],
  [
    "{hero}: {friend}, what is your favorite [food|dish]?",
    "{friend}: I like {d1=dishes} best. And you?",
    "{hero}: I like {d2=dishes}, [but not {d3=dishes}|with {drink=drinks}].",
    "{friend}: {helper} makes very good {d2}. [Let us ask {hhim}.|We could go there on {day}.]",
    "{hero}: And {hhe} makes {d1} too. [Great!|That makes us both {goodFeeling}.]",
  ],
  [
    "{hero}: Have you seen my {thing=smallThings}? I am {feel=badFeelings}.",
    "{friend}: What does it look like?",
    "{hero}: It is {c1=colors} and {a1=objectAdjectives}.",
    "{friend}: I saw {a c1} {thing} {hide=hidingPlaces}.",
    "{hero}: {^hide}? [Thank you so much!|Then I am not {feel} any more.]",
  ],
  [
    "{hero}: When is the {event=events}?",
    "{friend}: It is on {d1=days} at {hour}, at the {spot=places}.",
    "{hero}: On {d1} I have to {chore=chores}. Can you wait for me?",
    "{friend}: [No problem|Sure]. I will wait at the {spot} and keep a seat for you.",
    "{hero}: [Thank you|You are very kind]. I will bring {g1=groceries} to the {event}.",
  ],
  [
    "{hero}: What do you want to be one day?",
    "{friend}: I want to be {a j1=jobs}, because I like {h1=hobbies}.",
    "{hero}: I would like to be {a j2=jobs} and live in {city=cities}.",
    "{friend}: {a j2}? You are {trait}, so you would be a good one.",
    "{hero}: And you will be the best {j1} in {town=towns}!",
  ],
];

/** A dialogue of five or six turns, as a script or as prose with speech marks. */
export function dialogue(draw: Draw): string {
  const facts = drawCast(draw);
  const less = draw.between(2, 20);
  facts.less = String(less);
  facts.price = String(less + draw.between(1, 30));
  facts.hour = draw.pick(["two", "three", "four", "five", "six", "noon", "ten", "eleven"]);
  const lines = draw
    .pick(exchanges)
    .map((line) =>
      expand(draw, line, facts).replace(
        /(: )([a-z])/,
        (_, colon: string, letter: string) => colon + letter.toUpperCase(),
      ),
    );
  if (draw.chance(0.6)) return lines.join("\n");
  const turns = lines.map((line) => {
    const [speaker, ...rest] = line.split(": ");
    const speech = rest.join(": ");
    const question = speech.endsWith("?");
    const verb = question ? "asked" : draw.pick(["said", "said", "replied", "answered"]);
    const inner = /[?!]$/.test(speech) ? speech : `${speech.slice(0, -1)},`;
    return `"${inner}" ${verb} ${speaker}.`;
  });
  return turns.join(" ");
}
