// What the Rank lab's terms mean, in words for someone who meets them for the first time.

export const labExplanations = {
  race: "The loss of every cell, one curve each: a colour and a dash for each target set, stronger colours for larger ranks. Drag over the curves to zoom, point at them to read all values, press a name below to see it alone.",
  ranks:
    "The ranks to compare. The rank r is how many directions the learned change ΔW = B·A may use: A has r rows, B has r columns. The paper found that very small ranks often suffice.",
  targetSets:
    "Which weight matrices get an adapter, set by set: each set is trained with every rank. q, k, v and o are the attention's query, key, value and output; gate, up and down are the feed-forward part.",
  seeds:
    "Each cell is trained once for every seed: the seed draws the first values of A, and dropout. The spread over seeds shows how much of a difference is chance. Three or more make the table trustworthy.",
  alpha:
    "The learned change is multiplied by alpha ÷ rank. A fixed alpha turns larger ranks down; alpha in proportion to the rank gives all ranks the same scaling.",
  learningRates:
    "Learning rates to compare, separated by commas. One is usual; with more, the table has a row for each.",
  mode: "Race: cells are trained together over one copy of the model, step by step. One after the other: each cell alone; slower, but needs the least memory. Both give the same results.",
  patience:
    "A cell is stopped when its validation loss has not fallen for this many measurements in a row, and every cell keeps the state in which it was lowest. 0 lets every cell run to its end and keep its last state.",
  exampleCounts:
    "How many of the training examples are used, separated by commas. “all” uses every one. Shows how few examples suffice.",
  methods:
    "LoRA trains the small matrices; full fine-tuning changes every weight of the model, for comparison. A full cell is trained alone: it needs a copy of the model. It starts from the model itself and uses no LoRA dropout, so seeds change nothing in it: one run stands for all of them.",
  metricExamples:
    "How many held-out prompts each trained cell answers, to count how many it gets right. 0 leaves this out.",
  parameters:
    "Numbers that training may change, in the smallest and in the largest cell. All else stays as it is.",
  memoryBudgetMb:
    "What one race may take of the GPU's memory. Browsers do not tell how much there is: with less, the cells race in more and smaller groups.",
  cells: "A cell is one run of the grid: one target set at one rank with one seed.",
  fits: "Cells of one race share one copy of the model; each adds its own activations and its adapter. If they do not all fit into the GPU's memory at once, they race in groups.",
  metricByRank:
    "The last validation measurement against the rank, one line for each target set; whiskers show the standard deviation over seeds. If the line is flat, a small rank is enough.",
  metricByParameters:
    "The same measurements against the number of trained values: which way of spending them pays most.",
  results:
    "Mean ± standard deviation over seeds for each target set and rank, as in the paper's tables. The best is bold only where its spread does not overlap with another's; otherwise the difference may be chance, and the table says “within noise”. Exact answers are right as a whole; values right counts the parts of each answer (slot coverage).",
  answers:
    "The same prompt, answered by the model as it was and by every trained cell, with the same random choices.",
} as const;
