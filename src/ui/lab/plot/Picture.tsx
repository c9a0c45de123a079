// A scene on a canvas, as sharp as the screen.
import { useLayoutEffect, useRef } from "react";
import { differenceFrom } from "./difference";
import classes from "./Picture.module.css";
import { drawMarks, type Mark } from "./scene";

interface PictureProps {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** Fills its positioned parent, of which `width` and `height` are the size in pixels. */
export function Picture({ width, height, marks }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<readonly Mark[]>([]);
  useLayoutEffect(() => {
    // Drawn by the processor: a canvas of the GPU would wait behind the steps that it is training.
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context || width === 0) return;
    const density = window.devicePixelRatio;
    const [across, down] = [Math.round(width * density), Math.round(height * density)];
    const isSameSize = context.canvas.width === across && context.canvas.height === down;
    const edge = isSameSize ? differenceFrom(drawn.current, marks) : 0;
    drawn.current = marks;
    if (edge <= 0) {
      context.canvas.width = across; // Also clears it.
      context.canvas.height = down;
      drawMarks(context, marks, density);
    } else if (edge < width) redrawFrom(context, marks, density, edge);
  }, [marks, width, height]);
  return <canvas ref={canvas} className={classes.picture} />;
}

/** Clears and draws what lies right of the edge, to the same pixels as when all is drawn. */
function redrawFrom(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  density: number,
  edge: number,
): void {
  const { width, height } = context.canvas;
  const left = Math.floor(edge * density);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(left, 0, width - left, height);
  context.beginPath();
  context.rect(left, 0, width - left, height);
  context.clip();
  drawMarks(context, marks, density, left / density);
  context.restore();
}
