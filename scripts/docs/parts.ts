import { fileURLToPath } from 'node:url';

export { configParts } from '../../daemon/house/configuration.ts';

export const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
