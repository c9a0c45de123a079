// A scene on a canvas, as sharp as the screen.
import { useLayoutEffect, useRef } from "react";
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
  useLayoutEffect(() => {
    // Drawn by the processor: a canvas of the GPU would wait behind the steps that it is training.
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context || width === 0) return;
    const density = window.devicePixelRatio;
    context.canvas.width = Math.round(width * density); // Also clears it.
    context.canvas.height = Math.round(height * density);
    drawMarks(context, marks, density);
  }, [marks, width, height]);
  return <canvas ref={canvas} className={classes.picture} />;
}
