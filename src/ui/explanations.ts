// What the field's terms mean, in words for someone who meets them for the first time.

export const explanations = {
  model:
    "The language model to start from. Its own weights stay as they are; LoRA learns a small addition to them.",
  hubModel:
    "A part of a model's name to search for, or a repository itself: owner/name, or the address of its page. Llama, Mistral, Qwen2, Qwen3, GPT-2 and Phi-3 models with safetensors weights can be used, and where a repository has none, its best ONNX export.",
  hubRevision: "Which version of the repository: a branch, a tag or a commit. Most have only main.",
  hubEndpoint:
    "Address of the Hub, or of a mirror of it. Models are fetched from there and nothing is sent but their names.",
  hubToken:
    "For private and gated repositories: a read token from the Hub's settings page. It is sent to the endpoint only, and forgotten with this page unless you say otherwise.",
  data: "Examples of what the model should do: JSON Lines, JSON, CSV, TSV, Parquet or plain text, up to 1 GB. It is read on this machine, a piece at a time.",
  mapping:
    "What the columns of a row mean. Only what is learned counts in the loss; what is read comes before it.",
  column: "Name of a column in the file.",
  template:
    "The text of an example, with columns in braces, as in Q: {question} A: {answer}. Write {{ for a brace itself.",
  learn: "Which part of the text counts in the loss. The rest is read before it.",
  textAs: "Whether a text is one piece to be cut at the sequence length, or has an example in each line.",
  heldOut:
    "Share of the examples, drawn at random by the seed, that is not trained on. The validation loss is measured on it.",
  validationFile:
    "Examples in the same form, on which the validation loss is measured instead of on a random part.",
  rank: "How many directions the addition to each weight may use. The learned change is ΔW = B·A, where A has this many rows and B this many columns. 4 to 16 is usual; more can learn more and costs more memory.",
  loraAlpha:
    "How strongly the learned change counts: it is multiplied by alpha ÷ rank. Twice the rank is a common choice.",
  loraDropout:
    "Share of the adapter's inputs that is switched off at random in each step, against learning the examples by heart. 0 turns it off.",
  targetModules:
    "Which weight matrices get an adapter. q, k, v and o are the attention's query, key, value and output; gate, up and down are the feed-forward part. Query and value alone work well.",
  useRslora:
    "Multiplies by alpha ÷ √rank instead of alpha ÷ rank, so that large ranks do not learn ever more slowly (rsLoRA).",
  gradientCheckpointing:
    "Keeps only what goes into each block and computes the block again when its gradients are needed (gradient checkpointing). Steps take about a third longer, need much less memory, and give the same numbers to the last bit.",
  hubData:
    "A data set of the Hub by its id, e.g. openai/gsm8k. Its training split is taken, also where it lies in several files; @revision and a file, split or folder behind the id choose another one. It is fetched once and read like a file.",
  hubSplit:
    "This data set has several configurations, each with a training split of its own. The files of the chosen one are read one behind the other.",
  packing:
    "Puts several short examples into one sequence of the full length, so that a step computes less padding and sees more examples. Each example attends only to itself, so no loss of any token changes. A batch then holds that many full sequences.",
  initLoraWeights: "How A starts. B starts at zero either way, so the model first behaves exactly as before.",
  method:
    "LoRA trains small added matrices. Full fine-tuning changes every weight; bias-only (BitFit) changes only the biases, where the model has them.",
  learningRate:
    "Size of each update. Too small learns slowly, too large makes the loss jump or end as NaN. 1e-3 to 5e-3 suits LoRA on small models.",
  steps: "How many updates to make. Each one looks at one batch of examples.",
  batchSize:
    "Examples per batch. More gives a steadier direction and takes more memory and time for each step.",
  sequenceLength: "The most tokens of an example that are used; what is longer is cut. Memory grows with it.",
  seed: "Start of all random choices: order of the examples, first values of A, dropout. The same number gives the same run again.",
  schedule:
    "How the learning rate changes over the run: stays constant, falls in a straight line to zero, or falls along a cosine.",
  warmupSteps: "Number of first updates over which the learning rate rises from zero. Steadies the start.",
  gradientAccumulation:
    "Batches whose gradients are added up before one update: the effect of a larger batch without its memory.",
  weightDecay: "Pulls the trained values a little towards zero with every update. 0 turns it off.",
  maxGradNorm:
    "If the gradient is longer than this, it is shortened to it, so that one odd batch does no damage. 0 turns it off.",
  evaluateEvery:
    "How often the loss is measured on examples that are not trained on. 0 measures only at the start and at the end.",
  trainable: "Numbers that training may change, and their share of the whole model.",
  memory:
    "What the run needs on the GPU. Weights: the model, frozen. Activations: what a step keeps for its gradients. Trained: the values that are learned. Gradients: one for each of them. Optimizer: its two averages of them.",
  largestBuffer:
    "The largest single array, beside the most that this GPU lets a program use at once; weights over it are split by rows. Browsers do not say how much memory a GPU has in all.",
  baseWeights:
    "How many bits each weight of the frozen model's linear layers takes on the GPU. The model's file stays as it is. 8 bit is a whole number with a scale per row, hardly less exact. 4 bit (NF4, of QLoRA) has 16 levels with a scale per 64 weights: a quarter of the memory, slightly less exact. Double quantised keeps those scales in 8 bits as well. The adapter is trained in full precision either way.",
  tokensPerStep:
    "Tokens (pieces of words) that one update looks at: batch size × accumulation × sequence length, at most.",
  loss: "How surprised the model is by the right answer, on average per token: 0 is certain of it. Validation is the same on examples it never trains on; when it rises while the training loss falls, the model learns by heart.",
  learningRateChart: "Size of the updates as the schedule sets it, step by step.",
  gradNorm:
    "Length of the gradient before it is cut. Sudden peaks mean odd batches or a learning rate that is too large.",
  delta:
    "‖ΔW‖ is the length of the change that the adapter makes to a weight: B·A times the scaling. It starts at 0, because B does.",
  speed:
    "Where the time of one training step goes on the GPU. Timing needs every kernel to wait for the one before it, so only the step that you ask for is timed, and its sum is a little longer than a usual step.",
  kernel:
    "A small program that runs on the GPU, named op_direction_operand: linear_backward_input is the gradient of a linear layer with respect to its input. They are the files of shaders/.",
  dispatches: "How often a kernel is launched in the step.",
  submissions: "How often the page hands work to the GPU in a step. Each time costs a wait.",
  encodeTime:
    "What the CPU takes to write a step's commands and hand them over: the mean over the steps of this run. The GPU does the rest by itself.",
  heldMemory:
    "Set aside on the GPU when the run begins: the model's weights, the activations that a step keeps for its gradients, and the trained values with their gradients and averages. A step itself sets nothing aside.",
  temperature: "0 always takes the likeliest token. Higher gives more varied text.",
  topK: "Chooses only among this many likeliest tokens. 0 allows all.",
  topP: "Chooses only among the likeliest tokens that together reach this probability. 1 allows all.",
  maxNewTokens: "Longest answer, in tokens.",
  variation:
    "Start of the random choices, the same for both sides. The same number gives the same text again.",
} as const;
