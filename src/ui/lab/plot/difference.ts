// Where a picture begins to differ from the one before. Curves grow at their right end: what lies left of that stays as
// it is, and is not drawn again.
import type { Mark } from "./scene";

/**
 * Left edge, in pixels, of what has to be drawn again: 0 when marks came, went or look different; infinity when nothing
 * changed.
 */
export function differenceFrom(before: readonly Mark[], now: readonly Mark[]): number {
  if (before.length !== now.length) return 0;
  let edge = Number.POSITIVE_INFINITY;
  for (let at = 0; at < now.length; at++) {
    edge = Math.min(edge, markDifference(before[at]!, now[at]!));
    if (edge <= 0) return 0;
  }
  return edge;
}

function markDifference(before: Mark, now: Mark): number {
  if (before === now) return Number.POSITIVE_INFINITY;
  if (before.kind !== now.kind || before.colour !== now.colour) return 0;
  if (before.kind === "dot" && now.kind === "dot") {
    if (before.x === now.x && before.y === now.y && before.radius === now.radius)
      return Number.POSITIVE_INFINITY;
    return Math.min(before.x - before.radius, now.x - now.radius) - 1;
  }
  if (before.kind === "line" && now.kind === "line") {
    const isAlike = before.width === now.width && String(before.dash) === String(now.dash);
    return isAlike ? pointDifference(before.points, now.points) - now.width : 0;
  }
  // Areas go there and back: what grows is in the middle of their points.
  if (before.kind === "area" && now.kind === "area") {
    return Math.min(
      pointDifference(before.points, now.points),
      pointDifference(reversed(before.points), reversed(now.points)),
    );
  }
  return JSON.stringify(before) === JSON.stringify(now) ? Number.POSITIVE_INFINITY : 0;
}

/** x of the last point that two lines from the left have in common. */
function pointDifference(before: Float64Array, now: Float64Array): number {
  const length = Math.min(before.length, now.length);
  let at = 0;
  while (at < length && before[at] === now[at]) at++;
  if (at === length && before.length === now.length) return Number.POSITIVE_INFINITY;
  const common = (at >> 1) - 1;
  return common < 0 ? 0 : now[2 * common]!;
}

/** The points from the last to the first. */
function reversed(points: Float64Array): Float64Array {
  const back = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += 2) {
    back[at] = points[points.length - 2 - at]!;
    back[at + 1] = points[points.length - 1 - at]!;
  }
  return back;
}
