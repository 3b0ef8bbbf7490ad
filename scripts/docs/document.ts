/** A document that is made from the program itself. */
export interface GeneratedDocument {
  /** Absolute path */
  file: string;
  render(): Promise<string>;
}
