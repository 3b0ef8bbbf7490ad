/** A corner, as shares of the picture: x from the left edge, y from the top, both 0..1. */
export type Point = readonly [x: number, y: number];
export type Polygon = readonly Point[];

/** A rectangle, as shares of the picture, 0..1. */
export interface Band {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Slanted edges become steps of this height at most, as a share of the picture. */
const STEP = 1 / 64;

interface Edge {
  from: Point;
  to: Point;
}

interface Span {
  left: number;
  right: number;
}

/**
 * Rectangles that together cover every point of the polygons, and beyond a slanted edge up to one step. A polygon that crosses
 * itself covers all that its line goes around (the nonzero rule).
 */
export function maskBands(polygons: readonly Polygon[]): Band[] {
  const shapes = polygons.map(edgesOf);
  const bands: Band[] = [];
  let open: Band[] = [];
  for (const [top, bottom] of rows(shapes.flat())) {
    const spans = joined(shapes.flatMap((edges) => spansWithin(edges, { top, bottom })));
    open = spans.map(({ left, right }) => {
      const above = open.find((band) => band.left === left && band.right === right);
      if (above) {
        above.bottom = bottom;
        return above;
      }
      const band = { left, top, right, bottom };
      bands.push(band);
      return band;
    });
  }
  return bands;
}

function edgesOf(polygon: Polygon): Edge[] {
  return polygon.map((from, index) => ({ from, to: polygon[(index + 1) % polygon.length] as Point }));
}

/** No edge begins or ends inside a row, and where one slants, the row is low. */
function* rows(edges: readonly Edge[]): Generator<[top: number, bottom: number]> {
  const heights = [...new Set(edges.map(({ from }) => from[1]))].sort((a, b) => a - b);
  for (const [index, top] of heights.entries()) {
    const bottom = heights[index + 1];
    if (bottom === undefined) return;
    const slanted = edges.some((edge) => edge.from[0] !== edge.to[0] && crosses(edge, { top, bottom }));
    const steps = slanted ? Math.ceil((bottom - top) / STEP) : 1;
    const at = (step: number): number => (step === steps ? bottom : top + ((bottom - top) * step) / steps);
    for (let step = 0; step < steps; step++) yield [at(step), at(step + 1)];
  }
}

interface Row {
  top: number;
  bottom: number;
}

function crosses({ from, to }: Edge, { top, bottom }: Row): boolean {
  return Math.min(from[1], to[1]) <= top && Math.max(from[1], to[1]) >= bottom;
}

/** Edges that cross one another inside the row are taken for one span from the outermost to the outermost. */
function spansWithin(edges: readonly Edge[], row: Row): Span[] {
  const crossing = edges
    .filter((edge) => crosses(edge, row))
    .map((edge) => ({ ...extentWithin(edge, row), turn: edge.to[1] > edge.from[1] ? 1 : -1 }))
    .sort((a, b) => a.middle - b.middle);
  const spans: Span[] = [];
  let winding = 0;
  let span: Span | null = null;
  for (const { left, right, turn } of crossing) {
    span = span ? { left: Math.min(span.left, left), right: Math.max(span.right, right) } : { left, right };
    winding += turn;
    if (winding !== 0) continue;
    spans.push(span);
    span = null;
  }
  return spans;
}

function extentWithin({ from, to }: Edge, { top, bottom }: Row): Span & { middle: number } {
  const xAt = (y: number): number => from[0] + ((to[0] - from[0]) * (y - from[1])) / (to[1] - from[1]);
  const [a, b] = [xAt(top), xAt(bottom)];
  // Rounding may step past the edge's own end: where that is the picture's edge, into its next row.
  return {
    left: Math.max(Math.min(a, b), Math.min(from[0], to[0])),
    right: Math.min(Math.max(a, b), Math.max(from[0], to[0])),
    middle: (a + b) / 2,
  };
}

/** The same area, without overlaps, from left to right. */
function joined(spans: readonly Span[]): Span[] {
  const apart: Span[] = [];
  for (const { left, right } of [...spans].sort((a, b) => a.left - b.left)) {
    const last = apart.at(-1);
    if (last && left <= last.right) last.right = Math.max(last.right, right);
    else apart.push({ left, right });
  }
  return apart;
}

/** A picture as video calls carry it: a plane of brightness, then two of colour at half the size, sides rounded up. */
export interface PlanarPicture {
  /** width * height bytes of Y, then twice ceil(width / 2) * ceil(height / 2) of U and V. */
  data: Uint8Array;
  width: number;
  height: number;
}

/** Black of ITU-R BT.601 in the range that video uses: Y 16, U and V 128. */
const BLACK = { luma: 16, chroma: 128 };

/** Blacks out, in place, every pixel that a band touches. */
export function blackOut({ data, width, height }: PlanarPicture, bands: readonly Band[]): void {
  const chroma = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const [u, v] = [width * height, width * height + chroma.width * chroma.height];
  for (const band of bands) {
    fill(data.subarray(0, u), { ...pixelsOf(band, { width, height }), stride: width, value: BLACK.luma });
    const coloured = { ...halved(pixelsOf(band, { width, height })), stride: chroma.width, value: BLACK.chroma };
    fill(data.subarray(u, v), coloured);
    fill(data.subarray(v), coloured);
  }
}

function pixelsOf({ left, top, right, bottom }: Band, { width, height }: { width: number; height: number }): Band {
  return {
    left: Math.floor(left * width),
    top: Math.floor(top * height),
    right: Math.ceil(right * width),
    bottom: Math.ceil(bottom * height),
  };
}

/** The pixels of the colour planes that show anything of these. */
function halved({ left, top, right, bottom }: Band): Band {
  return { left: left >> 1, top: top >> 1, right: (right + 1) >> 1, bottom: (bottom + 1) >> 1 };
}

function fill(plane: Uint8Array, { left, top, right, bottom, stride, value }: Band & { stride: number; value: number }): void {
  for (let y = top; y < bottom; y++) plane.fill(value, y * stride + left, y * stride + right);
}
