import { frameType, type MtFrame } from './serial/frame.ts';

/** What is wrong with the serial line at the moment. */
export class LineFaults {
  silent = false;
  requestsToLose = 0;
  framesToCorrupt = 0;
  duplicates = false;

  /** Whether a frame of the host is lost. */
  swallows({ type }: MtFrame): boolean {
    if (this.silent) return true;
    if (type !== frameType.request || this.requestsToLose === 0) return false;
    this.requestsToLose -= 1;
    return true;
  }

  /** What goes out in place of a frame. */
  alter(frame: Buffer, isIndication: boolean): Buffer[] {
    if (this.silent) return [];
    const sent = this.framesToCorrupt > 0 ? corrupted(frame) : frame;
    if (sent !== frame) this.framesToCorrupt -= 1;
    return isIndication && this.duplicates ? [sent, sent] : [sent];
  }

  clear(): void {
    this.silent = false;
    this.requestsToLose = 0;
    this.framesToCorrupt = 0;
    this.duplicates = false;
  }
}

function corrupted(frame: Buffer): Buffer {
  const bytes = Buffer.from(frame);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1);
  return bytes;
}
