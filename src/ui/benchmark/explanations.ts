// What the benchmark's terms mean.
export const explanations = {
  quick:
    "Sizes small enough that everything is done in a minute or two. What others are compared with in the README are the full sizes, which take several minutes on a processor.",
  peers:
    "jax-js and TensorFlow.js train, ONNX Runtime Web multiplies matrices: all on WebGPU, written as their own users would. They are fetched from this page's server when the benchmark starts, a few megabytes.",
  median: "Half of the samples took longer, half less.",
  spread: "Middle half of the samples, and how many there were × runs in each.",
  times:
    "How many times as long as this engine: more than 1 means that this engine is faster, less that it is slower.",
  difference:
    "Largest difference of the results from this engine's, relative to the largest value. Who is off by more than is allowed is not timed.",
  bar: "What the project set itself to reach with the full sizes, on a processor without a GPU where nothing else is said. Small sizes may miss it.",
} as const;
