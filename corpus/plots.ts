// Plots around one hero: something lost, something wanted, a fear, a repair. A plot is a list of beats, a
// beat a list of ways to tell it; later beats use the facts that earlier ones drew.
export type Plot = readonly (readonly string[])[];

const lostThing: Plot = [
  [
    "{^his} favorite thing was {a thingColor=colors} {thing=smallThings}.",
    "{hero} had {a thingColor=colors} {thing=smallThings} that {he} loved very much.",
    "{^his} {kin} once gave {him} {a thingColor=colors} {thing=smallThings}, and {he} took it everywhere.",
  ],
  [
    "[One day|One {time=dayParts}|On {day}], the {thing} was gone.",
    "But [one day|one {time=dayParts}] {hero} could not find the {thing}.",
    "Then [one day|on {day}] {he} [lost the {thing}|saw that the {thing} was missing].",
  ],
  [
    "{hero} felt {feeling=badFeelings}. {^he} {looked} {wrongPlace=hidingPlaces}, but it was not there.",
    'Oh no! "Where is my {thing}?" {he} {asked}. {^he} {looked} {wrongPlace=hidingPlaces} and found nothing.',
    "{^he} {looked} in the {room=rooms}, and then {wrongPlace=hidingPlaces}. There was no {thing}.",
  ],
  [
    '{hero} [met|saw|asked] {friend}. "Have you seen my {thingColor} {thing}?" {he} asked. "[No, but I can help you,|Let us look together,|No. When did you last see it?]" said {friend}.',
    '{friend} came by and saw that {hero} was {feeling}. "I will help you find your {thing}," {fhe} {said}.',
    'So {hero} {moved} to {friend}. {friend} {said}, "Let us look together."',
  ],
  [
    "They {looked} [for an hour|all {time=dayParts}|everywhere]. At last, {rightPlace=hidingPlaces}, they found the {thing}.",
    "Together they {looked} {rightPlace=hidingPlaces}. There was the {thingColor} {thing}!",
    '{friend} {looked} {rightPlace=hidingPlaces} and {said}, "Here it is!" It was the {thing}.',
  ],
  [
    '"Thank you, {friend}!" {said} {hero}. {^he} [hugged {fhim}|held the {thing} tightly|was not {feeling} any more].',
    "{hero} was so {goodFeeling} that {he} [gave {friend} {a gift=gifts}|shared {his} {food} with {friend}|began to sing].",
    "{hero} thanked {friend} and put the {thing} in a [box|drawer|bag|basket|chest] so that it would never get lost again.",
  ],
];

const bigWish: Plot = [
  [
    "More than anything, {hero} wanted to {wish=wantToDo}.",
    "{hero} had one big wish. {^he} wanted to {wish=wantToDo}.",
    'Every {time=dayParts} {he} said, "I want to {wish=wantToDo}."',
  ],
  [
    "But {hero} did not know how. {^he} felt {feeling=badFeelings}.",
    "At first it was [hard|too hard|not easy], and {hero} was {feeling=badFeelings}.",
    '"You are too [small|young|short|slow|shy] for that," said {a trait} {animal}. {hero} felt {feeling=badFeelings}.',
  ],
  [
    "{^he} asked {helper} for help. {helper} was {a job=jobs} and knew a lot.",
    "One day {he} met {helper}, {a trait} {job=jobs}.",
    'Then {helper} came to the {place}. "I can show you," {hhe} {said}.',
  ],
  [
    '"First you need {a tool=objects}," {said} {helper}. "Then you must practice every {practice=dayParts}." {hero} practiced every {practice}.',
    "{helper} gave {him} {a adjective} {tool=objects} and showed {him} [how to start|what to do|a trick]. {hero} tried {idiom}.",
    '"Do not give up," {said} {helper}. {hero} tried on {d1=days}. {^he} tried on {d2=days}. {^he} tried {idiom}.',
  ],
  [
    "[Once|Twice|Three times] it went wrong, but {hero} {adverb} tried again.",
    "It took [two|three|four|five|six|seven] [days|weeks|months].",
    "Little by little, it got better.",
  ],
  [
    "At last {he} could do it! {hero} was able to {wish}, and {helper} was proud of {him}.",
    'Then one {weatherWord} {day}, it worked. "I did it!" {said} {hero}. "You did," {said} {helper}.',
    "In the end {his} wish to {wish} came true. {^he} was very {goodFeeling}.",
  ],
];

const fear: Plot = [
  [
    "{hero} was afraid of [the {scary=storms}|the dark|deep water|high places|loud noises|the old {place}].",
    "There was one thing {hero} did not like: the {scary=storms}.",
  ],
  [
    "One {time=dayParts} {he} heard a {noise=noises} [outside|in the {room=rooms}|behind the {tree}]. {hero} was {feeling=badFeelings}.",
    'One {time=dayParts} there was a loud {noise=noises}. "What was that?" {asked} {hero}. {^he} was {feeling=badFeelings}.',
  ],
  [
    "{^he} hid {hide=hidingPlaces}. Then {he} heard the {noise} again.",
    "{^he} [pulled up the blanket|closed {his} eyes|called {his} {kin}]. The {noise} came again, and then it was quiet.",
  ],
  [
    "{hero} took {a adjective} {tool=smallThings} and [a deep breath|a small step|a candle]. {^he} {moved} to the door.",
    '"I must be brave," {he} {said}. {^he} {adverb} opened the door.',
  ],
  [
    "It was only {a sizeWord=beastSizes} {beast=wildAnimals}! It was [hungry|lost|cold|wet|just as scared as {hero}].",
    "And what did {he} see? {a sizeWord=beastSizes} {beast=wildAnimals} had [lost its way|come in from the cold|been out in the {storm=storms}].",
  ],
  [
    "{hero} gave the {beast} some {feed=animalFoods}. It [ate {adverb}|looked at {him} and ate|was not afraid any more].",
    "{hero} laughed. {^he} gave it some {feed=animalFoods} and a warm place to sleep.",
  ],
  [
    "In the morning the {beast} [was gone|was still there|left a feather at the door]. {hero} was not {feeling} any more.",
    "After that, {he} was never afraid of a {noise} again.",
  ],
];

const repair: Plot = [
  [
    "One {season} day, {problem=problems}.",
    "On {day} {problem=problems}, and everybody was {feeling=badFeelings}.",
  ],
  [
    '"Who can fix it?" {asked} {helper}. "I will try," {said} {hero}.',
    '"This is bad," {said} {helper}. {hero} thought for a moment. "I have an idea," {he} {said}.',
  ],
  [
    "{^he} went to the {shop=shopKinds} and [bought|borrowed] {a tool=tools} and some {stuff=materials}.",
    "{^he} took {a tool=tools} from the {room=rooms}. {friend} brought some {stuff=materials}.",
  ],
  [
    "With the {tool} {he} worked [all {time=dayParts}|for two hours|until it was dark]. {friend} held the {stuff}.",
    "It was hard work. {hero} used the {tool}, and {friend} used the {stuff}.",
  ],
  [
    'At last it was done. "It works!" {said} {friend}.',
    "When the {stuff} was in its place, everything was fine again.",
  ],
  [
    "{helper} gave them {dish=dishes} and {drink}. It tasted {taste=tastes}.",
    "{helper} was so {goodFeeling} that {hhe} gave {hero} {a gift=gifts}.",
  ],
];

export const plots: readonly Plot[] = [lostThing, lostThing, bigWish, bigWish, fear, repair];
