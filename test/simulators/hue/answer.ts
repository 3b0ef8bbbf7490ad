import type { ServerResponse } from 'node:http';

/** An answer of the bridge, before it is written. */
export interface Answer {
  status: number;
  contentType: 'application/json' | 'text/html' | 'text/xml';
  body: string;
}

export const json = (status: number, value: unknown): Answer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(value),
});

/** The page with which the web server in front of the API answers on its own account: rate limits, refusal, outage. */
export const page = (status: number): Answer => ({
  status,
  contentType: 'text/html',
  body: '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">\n<html>\n<head>\n    <title>hue personal wireless lighting</title>\n</head>\n<body>\n    <div class="error">Oops, there appears to be no lighting here</div>\n</body>\n</html>\n',
});

/** An error of CLIP v2 itself. */
export const clipError = (status: number, description: string): Answer => json(status, { errors: [{ description }] });

export function write(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, { server: 'nginx', 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
