// What the figures of the analysis show, how to read them, and where in the LoRA paper (Hu et al. 2021) they are from.

export const analysisExplanations = {
  adapter:
    "Any LoRA adapter: the current one, a kept run, or a PEFT adapter from files, which need not fit the loaded model.",
  against:
    "A second adapter of the same model, e.g. of another rank or another seed: the figures then compare the two.",
  layers:
    "Each cell is one weight: its row says what it does (q, k, v and o are the attention's query, key, value and output; gate, up and down the feed-forward part), its column in which layer.",
  relativeNorm:
    "‖ΔW‖ ÷ ‖W‖: the length of the change beside that of the weight it is added to. 0.1 means a tenth. ‖·‖ is the Frobenius norm, the root of the sum of all squared values.",
  norm: "‖ΔW‖, the Frobenius norm: the root of the sum of all squared values of ΔW = scaling · B · A.",
  effectiveRank:
    "How many directions the change really uses: the exponential of the entropy of its singular values. As large as the rank if all count the same, 1 if one does everything.",
  stableRank:
    "‖ΔW‖² ÷ σ₁²: how many directions as strong as the strongest one would make up the whole change. Hardly moved by many weak ones.",
  largest: "σ₁, the largest singular value: how much the change stretches the input it affects most.",
  singularValues:
    "ΔW can be written as a sum of r directions: an input direction, an output direction, and a strength, the singular value σ. They are shown from the strongest to the weakest.",
  similarity:
    "φ(i, j) = ‖Uᵢᵀ Uⱼ‖² ÷ min(i, j), where Uᵢ holds the i most important directions of one factor and Uⱼ the j of the other one. It is between 0 and 1. A's directions are in the layer's input (right singular vectors), B's in its output (left singular vectors). Adapters trained with one seed started from the same A, and so have much of A in common whatever they learned.",
  amplification:
    "U and V are r directions of the layer's output and input. ‖UᵀWV‖ is how much of W lies in them. Amplification is ‖ΔW‖ ÷ ‖UᵀWV‖ with the directions of ΔW.",
  images:
    "The values of the matrices themselves. Rows are outputs of the layer, columns its inputs. Each picture has its own colour scale, symmetric around zero.",
} as const;

/** One sentence on how to read each, and its place in the paper. */
export const readings = {
  layers:
    "The lighter a cell, the more that weight was changed, so that dark cells are adapters that could be left out (the paper asks which weights to adapt in section 7.1, table 5).",
  singularValues:
    "If the first few bars are much longer than the rest, the change has a low rank whatever r was allowed to be (section 7.2).",
  pair: "A light first column and row with a dark rest mean that both learned the same few directions and that the others hold mostly noise (section 7.2, figure 3 for two ranks, figure 4 for two seeds).",
  random:
    "Against random factors of the same shape: what is no lighter than this is what chance gives (section 7.2, figure 4, right).",
  amplification:
    "A factor far above 1 means that the adapter strengthens directions that W hardly uses; 1 or less, that it works where W is strong already (section 7.3, table 7).",
  images:
    "Straight bands across ΔW are its few directions; W beside it has none, which is why ΔW can be stored so much smaller (ΔW = B·A, section 4.1).",
} as const;
