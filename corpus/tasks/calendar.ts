// Format change: a message in plain words becomes a calendar line with fixed fields.
import type { Draw } from "../draw";
import { expand } from "../expand";
import type { Example, Task } from "./task";

const messages = [
  "[Let us|I will|We will|I want to] [meet|see|visit] {name} at the {spot} on {day} at {time}.",
  "On {day} at {time} [I will|we will|you should] [meet|see] {name} at the {spot}.",
  "{name} [waits for you|will wait|will be] at the {spot} at {time} on {day}.",
  "[Can you come|Please come|Let us go] to the {spot} on {day} at {time}. {name} will be there.",
  "[Do not forget|Remember] {name}, {day}, {time}, at the {spot}.",
  "{name} [is going|wants to go] to the {spot} on {day}. It starts at {time}.",
  "The {spot} opens at {time} on {day}, and {name} [will be there|comes too].",
  "[I am so {goodFeeling}!|Good news!] {name} comes to the {spot} at {time} on {day}.",
];

function drawExample(draw: Draw): Example {
  const facts = {
    name: expand(draw, "{persons}", {}),
    spot: expand(draw, "{place}", {}).toLowerCase(),
    day: expand(draw, "{day}", {}),
    time: `${draw.between(1, 12)}:${draw.pick(["00", "15", "30", "45"])}`,
  };
  const message = expand(draw, draw.pick(messages), facts);
  return {
    prompt: `${message}\nEntry:`,
    completion: ` ${facts.day} | ${facts.time} | ${facts.spot} | ${facts.name}`,
  };
}

export const calendar: Task = {
  name: "calendar",
  title: "Message to calendar entry",
  description:
    "Messages about a meeting, each with the calendar line that holds its day, time, place and person.",
  goal: "Answer a message with one line: day | time | place | person.",
  success: "Share of validation messages whose answer is exactly the line, all four fields right.",
  metric: {
    kind: "format",
    pattern:
      "(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday) \\| (\\d{1,2}:\\d\\d) \\| ([a-z ]+) \\| ([A-Z][a-z]+)",
  },
  draw: drawExample,
};
