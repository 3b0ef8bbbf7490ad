import { z } from 'zod';

/** Key of the store under which a running hub says where it can be asked, on this machine, without TLS. */
export const PANEL_URL = 'hub.panel';

export const panelUrlSchema = z.url();

/** As commands on this machine reach it: plain HTTP, which it serves to this machine alone. */
export function onThisMachine(url: string): string {
  const { hostname, port } = new URL(url);
  const host = ['0.0.0.0', '[::]'].includes(hostname) ? '127.0.0.1' : hostname;
  return `http://${host}:${port}`;
}
