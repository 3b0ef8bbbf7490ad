/**
 * The loops that touch every pixel, sixteen at a time, in AssemblyScript (a TypeScript that becomes WebAssembly): `npm run kernels`
 * makes kernels.wasm of it. `usize` are addresses in the module's memory, in bytes. A frame lies there as the planes G, B, R.
 */

/** Means of blocks of 2 x 2 pixels of a plane; what is left of an odd row or column is passed over. */
export function halve(from: usize, width: i32, height: i32, to: usize): void {
  const quarter = f32x4.splat(0.25);
  for (let row = 0; row < height >> 1; row++) {
    const upper = from + <usize>(2 * row * width);
    const lower = upper + <usize>width;
    let x = 0;
    for (; x + 16 <= width; x += 16, to += 32) {
      const above = i16x8.extadd_pairwise_i8x16_u(v128.load(upper + <usize>x));
      const sums = i16x8.add(above, i16x8.extadd_pairwise_i8x16_u(v128.load(lower + <usize>x)));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(sums)), quarter));
      v128.store(to + 16, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(sums)), quarter));
    }
    for (; x + 2 <= width; x += 2, to += 4) {
      const sum = <u32>load<u8>(upper + <usize>x) + load<u8>(upper + <usize>x, 1) + load<u8>(lower + <usize>x) + load<u8>(lower + <usize>x, 1);
      store<f32>(to, <f32>sum * 0.25);
    }
  }
}

/** Sums of the pixels of 8 x 8 cells of a plane, of which every second row is looked at; cells at its right and lower edge may have fewer. */
export function cellSums(from: usize, width: i32, height: i32, to: usize): void {
  for (let top = 0; top < height; top += 8) {
    const bottom = min(top + 8, height);
    let x = 0;
    for (; x + 16 <= width; x += 16, to += 8) {
      let sums = i16x8.splat(0);
      for (let y = top; y < bottom; y += 2) {
        sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(v128.load(from + <usize>(y * width + x))));
      }
      const quads = i32x4.extadd_pairwise_i16x8_u(sums);
      store<f32>(to, <f32>(i32x4.extract_lane(quads, 0) + i32x4.extract_lane(quads, 1)));
      store<f32>(to + 4, <f32>(i32x4.extract_lane(quads, 2) + i32x4.extract_lane(quads, 3)));
    }
    for (; x < width; x += 8, to += 4) store<f32>(to, cellSum(from + <usize>x, width, top, bottom, min(8, width - x)));
  }
}

function cellSum(from: usize, width: i32, top: i32, bottom: i32, columns: i32): f32 {
  let sum: u32 = 0;
  for (let y = top; y < bottom; y += 2) {
    for (let x = 0; x < columns; x++) sum += load<u8>(from + <usize>(y * width + x));
  }
  return <f32>sum;
}

/**
 * Adds `share` times the sums of `factor` x `factor` pixels of a plane to columns x rows floats, row by row; beyond the plane its edge
 * repeats. `line` is room for columns x factor u16.
 */
export function addBlocks(from: usize, width: i32, height: i32, left: i32, top: i32, columns: i32, rows: i32, factor: i32, share: f64, line: usize, to: usize): void {
  const extent = columns * factor;
  // Of the line, the part that lies inside the plane: at least one pixel, which the edge repeats.
  const first = max(0, min(-left, extent - 1));
  const last = max(first + 1, min(extent, width - left));
  for (let row = 0; row < rows; row++) {
    addRows(from, width, height, left, top + row * factor, first, last, factor, line);
    const before = load<u16>(line + (<usize>first << 1));
    for (let x = 0; x < first; x++) store<u16>(line + (<usize>x << 1), before);
    const after = load<u16>(line + (<usize>(last - 1) << 1));
    for (let x = last; x < extent; x++) store<u16>(line + (<usize>x << 1), after);
    let at = line;
    for (let column = 0; column < columns; column++, to += 4) {
      let sum: u32 = 0;
      for (const end = at + (<usize>factor << 1); at < end; at += 2) sum += load<u16>(at);
      store<f32>(to, load<f32>(to) + <f32>(share * <f64>sum));
    }
  }
}

/** Of `count` rows from `top` on, the sum of each column from `first` to `last`: up to 256 rows of bytes fit into 16 bits. */
function addRows(from: usize, width: i32, height: i32, left: i32, top: i32, first: i32, last: i32, count: i32, line: usize): void {
  memory.fill(line + (<usize>first << 1), 0, <usize>(last - first) << 1);
  for (let y = top; y < top + count; y++) {
    const row = from + <usize>(max(0, min(height - 1, y)) * width);
    let x = first;
    for (; x + 16 <= last; x += 16) {
      const at = line + (<usize>x << 1);
      const pixels = v128.load(row + <usize>(left + x));
      v128.store(at, i16x8.add(v128.load(at), i16x8.extend_low_i8x16_u(pixels)));
      v128.store(at + 16, i16x8.add(v128.load(at + 16), i16x8.extend_high_i8x16_u(pixels)));
    }
    for (; x < last; x++) {
      const at = line + (<usize>x << 1);
      store<u16>(at, load<u16>(at) + <u16>load<u8>(row + <usize>(clampColumn(left + x, width))));
    }
  }
}

function clampColumn(column: i32, width: i32): i32 {
  return max(0, min(width - 1, column));
}

/**
 * Adds `share` times what lies between the cells (floats, `columns` in a row) at (x + a u - b v, y + b u + a v), for u and v of 0 to side - 1, to
 * the values of a square picture. Bilinear.
 */
export function addSamples(from: usize, columns: i32, x: f64, y: f64, a: f64, b: f64, side: i32, share: f64, to: usize): void {
  const below = <usize>columns << 2;
  for (let v = 0; v < side; v++) {
    let column = x - b * <f64>v;
    let row = y + a * <f64>v;
    for (let u = 0; u < side; u++, column += a, row += b, to += 4) {
      const left = floor(column);
      const top = floor(row);
      const fx = column - left;
      const fy = row - top;
      const at = from + (<usize>(<i32>top * columns + <i32>left) << 2);
      const upper = <f64>load<f32>(at) * (1 - fx) + <f64>load<f32>(at, 4) * fx;
      const lower = <f64>load<f32>(at + below) * (1 - fx) + <f64>load<f32>(at + below, 4) * fx;
      store<f32>(to, <f32>(<f64>load<f32>(to) + share * (upper * (1 - fy) + lower * fy)));
    }
  }
}
