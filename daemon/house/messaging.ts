export class Messaging {
  constructor(_options: unknown) {}
  async configure(_plan: unknown): Promise<void> {}
  async close(): Promise<void> {}
  view() {
    return { kind: 'embedded' as const, url: '', connected: false };
  }
}
