// The similarity of two adapters' directions, and what chance would give.
import type { Similarities } from "../../studio/analysisMessages";
import classes from "./Analysis.module.css";
import { analysisExplanations, readings } from "./explanations";
import { FigureGroup } from "./FigureGroup";
import { Similarity } from "./Similarity";

interface SimilarityMapsProps {
  readonly similarities: Similarities;
  /** Of the adapter, and of the one it is compared with. */
  readonly names: readonly string[];
}

const sides = [
  { side: "right", factor: "A", what: "directions of the input" },
  { side: "left", factor: "B", what: "directions of the output" },
] as const;

export function SimilarityMaps({ similarities: { between, toRandom }, names }: SimilarityMapsProps) {
  const [name = "", otherName = ""] = names;
  return (
    <FigureGroup
      title="Subspace similarity"
      explanation={analysisExplanations.similarity}
      reading={between ? readings.pair : readings.random}
    >
      {between && (
        <p className={classes.note}>
          i counts the directions of {name}, j those of {otherName}.
        </p>
      )}
      {between && (
        <div className={classes.figures}>
          {sides.map(({ side, factor, what }) => (
            <Similarity
              key={side}
              name={`Similarity of ${factor}`}
              title={`${factor}, ${what}`}
              fileName={`similarity-${factor.toLowerCase()}`}
              grid={between[side]}
              rowName={name}
              columnName={otherName}
            />
          ))}
        </div>
      )}
      {between === null && names.length > 1 && (
        <p className={classes.note}>{otherName} does not change this weight.</p>
      )}
      {between && <p className={classes.note}>{readings.random}</p>}
      <div className={classes.figures}>
        {sides.map(({ side, factor, what }) => (
          <Similarity
            key={side}
            name={`Similarity of ${factor} to random`}
            title={`${factor} against random, ${what}`}
            fileName={`similarity-${factor.toLowerCase()}-random`}
            grid={toRandom[side]}
            rowName={name}
            columnName="random"
            isToRandom
          />
        ))}
      </div>
    </FigureGroup>
  );
}
