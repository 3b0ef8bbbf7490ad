import { render } from '../api/render.ts';
import type { HouseView, ModelView } from '../api/views.ts';
import type { ProblemReport } from '../house/problems.ts';

export interface BannerFacts {
  version: string;
  panel: string;
  /** The one-time link that chooses the password, while there is none. */
  setup: string | undefined;
  https: HouseView['https'];
  mqtt: string;
  data: string;
  config: string;
  problems: readonly ProblemReport[];
  /** Of the recommended set, what is not there and can be fetched. */
  models: readonly ModelView[];
  /** What `standInsLine` says. */
  standIns: string | null;
  /** Whether they are being fetched already. */
  fetching: boolean;
}

/** The one block a person sees at the start: where everything is, what is missing, how to stop. */
export function banner(facts: BannerFacts): string {
  const rows: [string, string][] = [['Control panel', facts.panel]];
  if (facts.setup) rows.push(['First visit', `${facts.setup}\n  ${' '.repeat(WIDTH)}chooses the password; the link works once`]);
  if (facts.https) {
    if (facts.https.addresses.length > 0) rows.push(['On the network', facts.https.addresses.join('\n'.padEnd(WIDTH + 3))]);
    if (facts.https.own) rows.push(['Certificate', `of its own, SHA-256 ${facts.https.fingerprint}`]);
  }
  rows.push(['MQTT', facts.mqtt], ['Data', facts.data], ['Configuration', facts.config]);
  const problems = facts.problems.map(({ code, params }) => `  - ${render(code, params)}`);
  return [
    '',
    `  Roomtone ${facts.version}`,
    '',
    ...rows.map(([label, text]) => `  ${label.padEnd(WIDTH)}${text}`),
    '',
    ...(problems.length > 0 ? ['  To mend:', ...problems, ''] : []),
    ...(facts.standIns ? [`  ${facts.standIns}`, ''] : []),
    ...offer(facts),
    '  Stop with Ctrl-C.',
    '',
    '',
  ].join('\n');
}

/** Terms come before the first byte: with --fetch-models too they stand here. */
function offer({ models, fetching, panel }: BannerFacts): string[] {
  if (models.length === 0) return [];
  const megabytes = (models.reduce((sum, { size }) => sum + size, 0) / 1e6).toFixed(1);
  const terms = models.map(({ id, licence, trainedOn }) => `  - ${id}: ${licence}; trained on ${trainedOn}`);
  if (fetching) return [`  Fetching the recommended models (${megabytes} MB) under these terms:`, ...terms, ''];
  const how = `scripts/roomtone models fetch --recommended, or ${panel}${MODELS_PAGE}`;
  return [`  Better models can be fetched (${megabytes} MB): ${how}`, ...terms, ''];
}

/** web-ui/paths.ts */
const MODELS_PAGE = '/models';

const WIDTH = 16;
