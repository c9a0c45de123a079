// Plots that need two: meeting, sharing, a contest, a trip, a present, a mistake made good.
import type { Plot } from "./plots";

const newFriend: Plot = [
  [
    "{hero} often felt {feeling=badFeelings} because {he} had nobody to play with.",
    "{hero} was new in town and {feeling=badFeelings}.",
  ],
  [
    "[One day|One {time=dayParts}] {he} {moved} to the {spot=outdoors}. There {he} saw {a friendKind} with {a thingColor=colors} {thing=toys}.",
    "At the {spot=outdoors} {he} met {a friendKind}. The {friendKind} had {a thingColor=colors} {thing=toys}.",
  ],
  [
    '"Hello, I am {hero}," {said} {hero}. "My name is {friend}," {said} the {friendKind}.',
    '"What is your name?" {asked} {hero}. "{friend}," {said} the {friendKind}. "And yours?" "{hero}."',
  ],
  [
    '"May I play with your {thing}?" {asked} {hero}. "[Yes, of course|Yes, come and play|Only if you are careful]," {said} {friend}.',
    '{friend} {adverb} held out the {thing}. "Do you want to play?" {fhe} {asked}.',
  ],
  [
    "They played with the {thingColor} {thing} until [the sun went down|it was time for dinner|the {storm=storms} came].",
    "They took turns with the {thing}. Then they [sat under the {tree}|ate {dish=dishes}|looked at the {sky=stars}].",
  ],
  [
    '"See you tomorrow at the {spot}," {said} {friend}.',
    "{hero} was not {feeling} any more. {^he} had a friend now.",
  ],
];

const sharing: Plot = [
  [
    "{hero} had [two|three|four|five] {fruit=snacks} in {his} bag.",
    "{^his} {kin} made {a taste=tastes} plate of {fruit=dishes} for {him}.",
  ],
  [
    "{^he} took the {fruit} to the {spot=outdoors}. There sat {friend}, who looked {feeling=badFeelings}.",
    "On the way to the {spot=outdoors}, {he} met {friend}. {friend} was {feeling=badFeelings}.",
  ],
  [
    '"What is wrong?" {asked} {hero}. "I am hungry," {said} {friend}, "and I have no food."',
    '"I forgot my lunch," {said} {friend}.',
  ],
  [
    "First {hero} wanted to keep all the {fruit}. But then {he} thought about {friend}.",
    "{hero} looked at the {fruit}. It was {his} favorite.",
  ],
  [
    '"We can share," {he} {said}. {^he} gave half of the {fruit} to {friend}.',
    '{hero} {adverb} gave {fhim} some of the {fruit}. "Thank you," {said} {friend}.',
  ],
  [
    "{friend} smiled. The next day {fhe} brought {hero} {a gift=gifts}.",
    "{friend} was {goodFeeling} now. {^fhe} told {hero} a story about {subject=bookSubjects}.",
  ],
];

const contest: Plot = [
  [
    "On {day} there was a {contest=contestKinds} in the {spot=places}. {hero} and {friend} both wanted to win.",
  ],
  [
    "The prize was {a prizeColor=colors} {prize=gifts}.",
    "The winner would get {a prizeColor=colors} {prize=gifts}.",
  ],
  [
    "{hero} practiced every {time=dayParts}. {friend} [only laughed|practiced too|slept late].",
    "{friend} was very good, but {hero} was {trait}.",
  ],
  [
    "When the {contest} began, {friend} was ahead. Then {friend} [fell|slipped|lost {fhis} {wear=clothes}|got {feeling=badFeelings}].",
    "The {contest} began with a loud {noise=noises}. Soon {friend} was in trouble and felt {feeling=badFeelings}.",
  ],
  [
    '{hero} could have won. But {he} stopped and helped {friend}. "Are you all right?" {he} {asked}.',
    "{hero} saw it and {moved} back to help {fhim}.",
  ],
  [
    "They finished together, and {helper} gave the {prize} to both of them.",
    "Somebody else got the {prizeColor} {prize}, but {helper} gave {hero} a medal for being kind.",
    "In the end {hero} won the {prize}. {^he} gave it to {friend}, because friends are better than prizes.",
  ],
];

const trip: Plot = [
  [
    "{hero} and {friend} wanted to see the {goal=landscapes} near {far=towns}.",
    "One {season} {hero} and {friend} went on a trip to {far=towns}, to see the {goal=landscapes}.",
  ],
  [
    "They packed {p1=ingredients}, {p2=ingredients} and {a p3=objects}. Then they went by {ride=vehicles}.",
    "In the bag they had {a p3=objects}, some {p1=ingredients} and some {p2=ingredients}. They took the {ride=vehicles}.",
  ],
  [
    "On the way, the {storm=storms} came. They hid [under {a tree}|in an old {shelter=places}|in a cave] and ate the {p1}.",
    "Half way there, the {ride} stopped. They had to walk, and {friend} was {feeling=badFeelings}.",
    "On the way they saw {a beast=animals} and {a beast2=animals}. {hero} gave them the {p2}.",
  ],
  [
    '"Are we lost?" {asked} {friend}. {hero} looked at the map. "No," {he} {said}, "it is not far."',
    '"I am tired," {said} {friend}. {hero} carried {fhis} bag.',
  ],
  [
    "At last they saw the {goal}. It was {look=placeAdjectives} and {look2=placeAdjectives}.",
    'Then they came over a hill, and there was the {goal}. "It is so {look=placeAdjectives}!" {said} {friend}.',
  ],
  [
    "They used the {p3} and [had a picnic|took a picture|made a fire|rested].",
    "They stayed until {time=dayParts} and then went back to the {ride}.",
  ],
];

const present: Plot = [
  [
    "It was {friend}'s birthday on {partyDay=days}. {hero} wanted to give {fhim} {a gift=gifts}.",
    '{friend} was going to have a party on {partyDay=days}. "I will bring {a gift=gifts}," {said} {hero}.',
  ],
  [
    "{^he} had only [two|three|four|five|six] coins, and the {gift} cost [seven|eight|nine|ten]. {hero} was {feeling=badFeelings}.",
    "But the {gift} in the shop cost too much, and {hero} felt {feeling=badFeelings}.",
  ],
  [
    'So {he} went to {helper} and asked for work. {hhe} {said}, "You can {chore=chores}."',
    '{helper} {said}, "If you {chore=chores}, I will give you some coins."',
  ],
  [
    "{hero} worked {adverb} all {time=dayParts}. In the end {he} had enough coins.",
    "It took all {time=dayParts} to {chore}, but {hero} did it {adverb}.",
  ],
  [
    "{^he} ran to the {shop=shopKinds} and bought the {gift}. {^he} put it in {a boxColor=colors} box.",
    "Then {he} bought the {gift} and tied {a boxColor=colors} ribbon around it.",
  ],
  [
    'On {partyDay}, {friend} opened the {boxColor} present. "It is just what I wanted!" {fhe} {said}.',
    '{friend} loved the {gift}. {^fhe} {said}, "It is the best present of all."',
  ],
];

const mistake: Plot = [
  [
    "{friend} had {a thingColor=colors} {thing=toys}. One day {hero} broke it by mistake.",
    "One {time=dayParts} {hero} borrowed {a thing=toys} from {friend} and broke it.",
  ],
  [
    "{hero} felt {feeling=badFeelings}. {^he} hid the {thing} {hide=hidingPlaces}.",
    "Nobody saw it. {hero} put the {thing} {hide=hidingPlaces} and ran away.",
  ],
  [
    '"Have you seen my {thing}?" {asked} {friend} the next day.',
    "The next day {friend} {looked} for the {thing} and was {sadness=badFeelings}.",
  ],
  [
    '{hero} could not sleep that night. {^he} asked {helper} what to do. "Tell the truth," {said} {helper}.',
    '"What should I do?" {hero} asked {helper}. "Say sorry and fix it," {said} {helper}.',
  ],
  [
    'So {hero} went to {friend}. "I broke your {thing}," {he} {said}. "It is {hide}. I am sorry."',
    '"It was me," {hero} told {friend} {adverb}. "I hid your {thing} {hide}. I am very sorry."',
  ],
  [
    '{friend} was quiet. Then {fhe} smiled. "Let us fix it together," {fhe} {said}. They used some {stuff=materials} and {a tool=tools}.',
    '"Thank you for telling me," {said} {friend}. They mended the {thing} with {stuff=materials}.',
  ],
];

const baking: Plot = [
  [
    "{hero} wanted to make {dish=dishes} for {friend}.",
    "One {weatherWord} {time=dayParts}, {hero} and {friend} decided to make {dish=dishes}.",
  ],
  [
    "{^he} needed {i1=ingredients}, {i2=staples} and {i3=ingredients}.",
    "For this they needed {i1=ingredients}, {i2=staples} and some {i3=ingredients}.",
  ],
  [
    "But there was no {i2} in the {room=rooms}. {hero} {moved} to the {shop=shopKinds} to get some.",
    "{hero} found the {i1} and the {i3}, but where was the {i2}? It was {hide=hidingPlaces}!",
  ],
  [
    "Then {he} mixed everything in {a bowlColor=colors} bowl and waited.",
    "{hero} mixed the {i1} with the {i2}, and added the {i3} {adverb}.",
  ],
  [
    "Soon the whole house smelled good. But then the {beast=pets} jumped on the table!",
    "There was a {noise=noises} in the {room=rooms}. The {beast=pets} had found the {dish}!",
    '"Is it ready?" {asked} {friend} again and again. "Be patient," {said} {hero}.',
  ],
  [
    "In the end the {dish} tasted {taste=tastes}, and they ate it all.",
    "They ate the {dish} with {drink}. It was {taste=tastes}.",
  ],
];

export const morePlots: readonly Plot[] = [newFriend, sharing, contest, trip, present, mistake, baking];
