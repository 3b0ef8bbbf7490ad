import { Reader, Writer } from '../serial/bytes.ts';
import type { Attribute, Cluster, Outcome } from './cluster.ts';
import { general, type ZclFrame, zclStatus } from './frame.ts';
import type { Reporting } from './reporting.ts';
import { isAnalog, readValue, writeValue } from './types.ts';

/** The commands that every cluster has: read, write, configure and read reporting, discover attributes. */
export class Foundation {
  readonly #cluster: Cluster;
  readonly #reporting: Reporting;

  constructor(cluster: Cluster, reporting: Reporting) {
    this.#cluster = cluster;
    this.#reporting = reporting;
  }

  /** Throws WrongLength. Undefined where no answer belongs to it. */
  act({ command, payload, manufacturer }: ZclFrame): Outcome | undefined {
    const fields = new Reader(payload);
    // Attributes of a manufacturer: none here, so every id is unknown.
    const find = (id: number) => (manufacturer === undefined ? this.#cluster.attributes.get(id) : undefined);
    if (command === general.read) return { command: general.readAnswer, payload: read(fields, find) };
    if (command === general.write) return { command: general.writeAnswer, payload: write(fields, find) };
    if (command === general.configureReporting)
      return { command: general.configureReportingAnswer, payload: this.#configure(fields, find) };
    if (command === general.readReporting) return { command: general.readReportingAnswer, payload: this.#readConfiguration(fields, find) };
    if (command === general.discover) return { command: general.discoverAnswer, payload: this.#discover(fields) };
    if (command === general.writeSilently) {
      write(fields, find);
      return undefined;
    }
    return zclStatus.unsupportedGeneralCommand;
  }

  #configure(fields: Reader, find: Find): Buffer {
    const refused = new Writer();
    let refusals = 0;
    while (fields.left > 0) {
      const direction = fields.u8();
      const id = fields.u16();
      const problem = direction === 0 ? this.#configureOne(id, fields, find) : skipTimeout(fields);
      if (problem === zclStatus.success) continue;
      refusals += 1;
      refused.u8(problem).u8(direction).u16(id);
    }
    return refusals === 0 ? Buffer.from([zclStatus.success]) : refused.done();
  }

  #configureOne(id: number, fields: Reader, find: Find): number {
    const type = fields.u8();
    const min = fields.u16();
    const max = fields.u16();
    const change = isAnalog(type) ? Number(readValue(fields, type)) : 0;
    const attribute = find(id);
    if (!attribute) return zclStatus.unsupportedAttribute;
    if (!attribute.reportable) return zclStatus.unreportable;
    if (attribute.type !== type) return zclStatus.invalidDataType;
    if (max !== 0 && max < min) return zclStatus.invalidValue;
    this.#reporting.configure(id, attribute, { min, max, change });
    return zclStatus.success;
  }

  #readConfiguration(fields: Reader, find: Find): Buffer {
    const answer = new Writer();
    while (fields.left > 0) {
      const direction = fields.u8();
      const id = fields.u16();
      const attribute = find(id);
      const configuration = this.#reporting.configuration(id);
      if (!attribute || !configuration) {
        answer
          .u8(attribute ? zclStatus.notFound : zclStatus.unsupportedAttribute)
          .u8(direction)
          .u16(id);
        continue;
      }
      answer.u8(zclStatus.success).u8(direction).u16(id).u8(attribute.type).u16(configuration.min).u16(configuration.max);
      if (isAnalog(attribute.type)) writeValue(answer, attribute.type, configuration.change);
    }
    return answer.done();
  }

  #discover(fields: Reader): Buffer {
    const start = fields.u16();
    const most = fields.u8();
    const all = [...this.#cluster.attributes].filter(([id]) => id >= start).sort(([a], [b]) => a - b);
    const answer = new Writer().u8(all.length <= most ? 1 : 0);
    for (const [id, { type }] of all.slice(0, most)) answer.u16(id).u8(type);
    return answer.done();
  }
}

type Find = (id: number) => Attribute | undefined;

function read(fields: Reader, find: Find): Buffer {
  const answer = new Writer();
  while (fields.left > 0) {
    const id = fields.u16();
    const attribute = find(id);
    answer.u16(id).u8(attribute ? zclStatus.success : zclStatus.unsupportedAttribute);
    if (!attribute) continue;
    answer.u8(attribute.type);
    writeValue(answer, attribute.type, attribute.read());
  }
  return answer.done();
}

function write(fields: Reader, find: Find): Buffer {
  const refused = new Writer();
  let refusals = 0;
  while (fields.left > 0) {
    const id = fields.u16();
    const type = fields.u8();
    const value = readValue(fields, type);
    const problem = writeOne(find(id), type, value);
    if (problem === zclStatus.success) continue;
    refusals += 1;
    refused.u8(problem).u16(id);
  }
  return refusals === 0 ? Buffer.from([zclStatus.success]) : refused.done();
}

function writeOne(attribute: Attribute | undefined, type: number, value: number | string): number {
  if (!attribute) return zclStatus.unsupportedAttribute;
  if (attribute.type !== type) return zclStatus.invalidDataType;
  return attribute.write?.(value) ?? zclStatus.readOnly;
}

/** What another device would have to send here is nothing that these devices keep. */
function skipTimeout(fields: Reader): number {
  fields.u16();
  return zclStatus.unsupportedAttribute;
}
