import { configJson } from './config-schema.ts';
import { configurationPage } from './configuration.ts';
import { httpApiPage } from './http-api.ts';

/** A document that is made from the program itself. */
export interface GeneratedDocument {
  /** Absolute path */
  file: string;
  render(): Promise<string>;
}

export const documents: readonly GeneratedDocument[] = [configurationPage, configJson, httpApiPage];
