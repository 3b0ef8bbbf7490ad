import { configJson } from './config-schema.ts';
import { configurationPage } from './configuration.ts';
import type { GeneratedDocument } from './document.ts';
import { httpApiPage } from './http-api.ts';

export const documents: readonly GeneratedDocument[] = [configurationPage, configJson, httpApiPage];
