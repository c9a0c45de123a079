// Format change: asked for an idea in plain words, the model answers with a calendar line of fixed fields. What
// it proposes is its own choice; the form is the task.
import type { Draw } from "../draw";
import { expand } from "../expand";
import type { Example, Task } from "./task";

const greetings = ["", "", "Hello! ", "Hi! ", "Good {dayParts}! ", "Please help me. ", "Tell me. "];
const questions = [
  "What [could|shall|should|can] we do [this week|next week|in {month}|in {season}|after school|when it is {weatherWord}]?",
  "[Give me a plan|Plan something|Find a date|Any ideas] for my {kin} and me[.|, please.]",
  "I am {badFeeling}. [What could I do|Do you have an idea|Can you plan something for me]?",
  "My {kin} [wants to go out|is in town|has time this week]. [What shall we do?|Any ideas?|Where shall we meet?]",
  "[Plan {a events}.|We need a day for the {events}.|When is a good time for the {events}?]",
  "I want to {wantToDo}. [When?|When and where?|Plan it, please.|Who can help me?]",
  "[Make|Write] a plan for a {weatherWord} {dayParts}.",
];

function drawExample(draw: Draw): Example {
  const question = expand(draw, draw.pick(greetings) + draw.pick(questions), {});
  const time = `${draw.between(1, 12)}:${draw.pick(["00", "15", "30", "45"])}`;
  const place = expand(draw, "{place}", {}).toLowerCase();
  return {
    prompt: `${question}\nEntry:`,
    completion: ` ${expand(draw, "{day}", {})} | ${time} | ${place} | ${expand(draw, "{persons}", {})}`,
  };
}

export const calendar: Task = {
  name: "calendar",
  title: "Ideas as calendar entries",
  description: "Questions about what to do, each answered with a made-up calendar line.",
  goal: "Answer any request for a plan with one line and nothing else: day | time | place | person.",
  success: "Share of validation questions whose answer has exactly that form, whatever it proposes.",
  metric: {
    kind: "format",
    pattern:
      "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday) \\| (?:1[0-2]|[1-9]):[0-5]\\d \\| [a-z]+(?: [a-z]+)* \\| [A-Z][a-z]+",
  },
  draw: drawExample,
};
