import type { Bin } from './calibration.ts';
import { type Confusion, sum } from './classes.ts';

const INK = '#334155';
const BAR = '#3b82f6';

const document = (width: number, height: number, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">
<rect width="${width}" height="${height}" fill="white"/>
${body}
</svg>
`;

const label = (at: [x: number, y: number], text: string, more = ''): string => `<text x="${at[0]}" y="${at[1]}" ${more}>${text}</text>`;

/** How often the named class is right, against how sure the model was; the diagonal is perfect. */
export function reliabilityPlot(title: string, bins: readonly Bin[]): string {
  const side = 320;
  const x = (value: number): number => 50 + value * side;
  const y = (value: number): number => 40 + (1 - value) * side;
  const bars = bins
    .filter(({ n }) => n > 0)
    .map(({ from, to, accuracy, n }) => {
      const width = (to - from) * side - 2;
      return `<rect x="${x(from) + 1}" y="${y(accuracy)}" width="${width}" height="${accuracy * side}" fill="${BAR}"><title>${n} samples</title></rect>`;
    });
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
    label([x(value), y(0) + 18], String(value), 'text-anchor="middle"'),
    label([x(0) - 8, y(value) + 4], String(value), 'text-anchor="end"'),
  ]);
  return document(
    400,
    410,
    [
      label([x(0), 24], title, 'font-weight="bold"'),
      ...bars,
      `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="${INK}" stroke-dasharray="4 4"/>`,
      `<path d="M${x(0)} ${y(1)}V${y(0)}H${x(1)}" stroke="${INK}" fill="none"/>`,
      ...ticks,
      label([x(0.5), y(0) + 38], 'confidence', 'text-anchor="middle"'),
    ].join('\n'),
  );
}

/** Rows are what is true, columns what was named; each cell is the share of its row. */
export function confusionPlot(title: string, labels: readonly string[], confusion: Confusion): string {
  const cell = 46;
  const left = 90;
  const top = 60;
  const cells = confusion.flatMap((row, truth) =>
    row.map((count, named) => {
      const part = sum(row) === 0 ? 0 : count / sum(row);
      const [x, y] = [left + named * cell, top + truth * cell];
      const ink = part > 0.5 ? 'white' : INK;
      return (
        `<rect x="${x}" y="${y}" width="${cell - 1}" height="${cell - 1}" fill="${BAR}" fill-opacity="${(0.04 + part * 0.96).toFixed(2)}"/>` +
        label([x + cell / 2, y + cell / 2 + 4], `${Math.round(part * 100)}`, `text-anchor="middle" fill="${ink}"`)
      );
    }),
  );
  const names = labels.flatMap((name, i) => [
    label([left - 8, top + i * cell + cell / 2 + 4], name, 'text-anchor="end"'),
    label([left + i * cell + cell / 2, top - 8], name.slice(0, 7), 'text-anchor="middle" font-size="11"'),
  ]);
  const size = labels.length * cell;
  return document(left + size + 10, top + size + 10, [label([10, 24], title, 'font-weight="bold"'), ...cells, ...names].join('\n'));
}
