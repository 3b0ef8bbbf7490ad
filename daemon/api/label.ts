/** What a thing without a name is called: `living-room` becomes "Living room". */
export function labelOf(id: string): string {
  const words = id.replaceAll(/[-_]+/g, ' ').trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : id;
}
