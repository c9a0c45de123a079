// Who may import whom: the layers of ARCHITECTURE.md as a lint step. Run by `npm run test:lint`.

/** What each folder of src may import, besides itself and src/random, which may be imported from everywhere. */
const layers = {
  random: [],
  gpu: [],
  formats: [],
  hub: ["formats"],
  ops: ["gpu"],
  models: ["ops", "gpu", "formats"],
  lora: ["models", "ops", "gpu", "formats"],
  data: ["formats"],
  train: ["lora", "models", "ops", "gpu", "data", "formats"],
  generate: ["lora", "models", "ops", "gpu", "data", "formats"],
  lab: ["train", "generate", "lora", "models", "gpu", "data", "formats"],
  studio: ["lab", "train", "generate", "lora", "models", "ops", "gpu", "data", "hub", "formats"],
  cli: ["lab", "train", "generate", "lora", "models", "ops", "gpu", "data", "hub", "formats"],
};
/** Tests may use everything below their layer: goldens are safetensors, an adapter needs a device to run on. */
const layersForTests = {
  ops: ["gpu", "formats"],
  models: ["ops", "gpu", "formats"],
  lora: ["models", "ops", "gpu", "formats"],
  train: ["generate", "lora", "models", "ops", "gpu", "data", "formats"],
  generate: ["train", "lora", "models", "ops", "gpu", "data", "formats"],
  lab: ["train", "generate", "lora", "models", "ops", "gpu", "data", "formats"],
};

// A float64 twin (x.twin.ts), a check shared by tests (checkOp.ts) and testing/ exist for tests only.
const testFiles = "[.](test|twin)[.]tsx?$|/testing/|/check[A-Z][A-Za-z]*[.]ts$";
const ours = "^(src|corpus|oracle|bench|e2e|scripts|shaders)/";
const pageSide = "^src/studio/([A-Za-z]*[mM]essages[.]ts$|client[.]ts$|stores/)";
const pageLibraries = "node_modules/(react|react-dom|zustand|recharts|@mantine/[^/]+)/";

const folders = (names) => `^src/(${[...names, "random"].join("|")})/`;
const layerRules = Object.entries(layers).flatMap(([layer, below]) => {
  const shaders = layer === "ops" ? "|^shaders/" : "";
  const cli = layer === "cli" ? "|^corpus/" : "";
  const forTests = layersForTests[layer] ?? below;
  return [
    {
      name: `layer-${layer}`,
      comment: `src/${layer} may import ${[layer, ...below].join(", ")} and random`,
      severity: "error",
      from: { path: `^src/${layer}/`, pathNot: [testFiles, pageSide] },
      to: { path: ours, pathNot: folders([layer, ...below]) + shaders + cli },
    },
    {
      name: `layer-${layer}-tests`,
      comment: `tests of src/${layer} may import ${[layer, ...forTests].join(", ")}, random, shaders and goldens`,
      severity: "error",
      from: { path: `^src/${layer}/.*(${testFiles})` },
      to: { path: ours, pathNot: `${folders([layer, ...forTests])}|^shaders/|^oracle/${cli}` },
    },
  ];
});

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "layer-ui",
      comment: "src/ui sees the engine through studio's messages, client and stores only, in types too",
      severity: "error",
      from: { path: "^src/ui/" },
      to: { path: ours, pathNot: `^src/(ui|random)/|${pageSide}|^bench/(client|report|table)[.]ts$` },
    },
    {
      name: "layer-studio-page-side",
      comment:
        "messages, client and stores are the page's: scripts/lint.mjs lets them run config.ts and the lab's arithmetic only",
      severity: "error",
      from: { path: pageSide, pathNot: testFiles },
      to: { path: ours, pathNot: `${pageSide}|${folders(layers.studio)}` },
    },
    {
      name: "layer-bench",
      comment: "bench/ drives the engine from outside, as the command line does",
      severity: "error",
      from: { path: "^bench/" },
      to: { path: ours, pathNot: `^bench/|^shaders/|${folders(["cli", ...layers.cli])}` },
    },
    {
      name: "bench-peers",
      comment:
        "other people's engines are loaded by the benchmark, each from its own file, and by tests that ask them",
      severity: "error",
      from: { pathNot: ["^bench/peers/", testFiles] },
      to: { path: "node_modules/(@jax-js|@tensorflow|onnxruntime-web)/" },
    },
    {
      name: "layer-corpus",
      comment: "corpus/ makes text from seeds: src/random is all it may import",
      severity: "error",
      from: { path: "^corpus/", pathNot: testFiles },
      to: { path: ours, pathNot: "^(corpus|src/random)/" },
    },
    {
      name: "layer-corpus-tests",
      comment: "tests of corpus/ may read formats and goldens too",
      severity: "error",
      from: { path: `^corpus/.*(${testFiles})` },
      to: { path: ours, pathNot: "^(corpus|oracle|src/(random|formats|data))/" },
    },
    {
      name: "known-folder",
      comment: "a new folder in src needs a place among the layers above",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: `^src/(${[...Object.keys(layers), "ui"].join("|")})/` },
    },
    {
      name: "tests-stay-tests",
      comment: "what exists for tests is imported by tests only",
      severity: "error",
      from: { pathNot: `${testFiles}|^oracle/|^e2e/` },
      to: { path: [testFiles, "^oracle/", "node_modules/(vitest|fast-check|playwright|@playwright/[^/]+)/"] },
    },
    {
      name: "page-libraries",
      comment: "React, zustand, Mantine and Recharts belong to src/ui and src/studio/stores",
      severity: "error",
      from: { pathNot: "^src/(ui|studio/stores)/" },
      to: { path: pageLibraries },
    },
    {
      name: "no-cycles",
      comment: "modules that import each other, even types, are one module in two files",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "an import that leads nowhere would escape every rule above",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: "swc", // sees type-only imports too; dependency-cruiser's own way needs TypeScript below 7
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "browser", "types", "default"],
      mainFields: ["module", "main", "types"],
    },
    extraExtensionsToScan: [".wgsl"],
  },
};
