/** Frames of TI's Monitor and Test interface: SOF, length, two command bytes, data, frame check sequence. */
export const frameType = { poll: 0, request: 1, indication: 2, answer: 3 } as const;

export interface MtFrame {
  /** One of `frameType`: SREQ, AREQ, SRSP in TI's words. */
  type: number;
  subsystem: number;
  command: number;
  data: Buffer;
}

const startOfFrame = 0xfe;
const maxData = 250;

/** The exclusive or of everything between the start of the frame and this byte. */
const checkSequence = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0);

export function encodeFrame({ type, subsystem, command, data }: MtFrame): Buffer {
  if (data.length > maxData) throw new RangeError(`An MT frame holds ${maxData} bytes at most, not ${data.length}.`);
  const body = Buffer.from([data.length, (type << 5) | subsystem, command, ...data]);
  return Buffer.from([startOfFrame, ...body, checkSequence(body)]);
}

export interface FrameListener {
  onFrame(frame: MtFrame): void;
  /** Bytes that make no frame: `stray` outside of any, `checkSequence` with a wrong last byte, `length` above 250. */
  onNoise(kind: 'stray' | 'checkSequence' | 'length', bytes: Buffer): void;
}

/** Finds the frames in what arrives, however it is cut. */
export class FrameReader {
  readonly #listener: FrameListener;
  #pending = Buffer.alloc(0);

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#takeOne());
  }

  /** Whether something was taken. */
  #takeOne(): boolean {
    const start = this.#pending.indexOf(startOfFrame);
    const stray = start < 0 ? this.#pending.length : start;
    if (stray > 0) {
      this.#listener.onNoise('stray', this.#cut(stray));
      return true;
    }
    const length = this.#pending[1];
    if (length === undefined) return false;
    if (length > maxData) {
      this.#listener.onNoise('length', this.#cut(1));
      return true;
    }
    if (this.#pending.length < length + 5) return false;
    const frame = this.#cut(length + 5);
    const body = frame.subarray(1, -1);
    if (frame[length + 4] !== checkSequence(body)) this.#listener.onNoise('checkSequence', frame);
    else this.#listener.onFrame(decodeBody(body));
    return true;
  }

  #cut(length: number): Buffer {
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return bytes;
  }
}

function decodeBody(body: Buffer): MtFrame {
  const command0 = body.readUInt8(1);
  return { type: command0 >> 5, subsystem: command0 & 0x1f, command: body.readUInt8(2), data: Buffer.from(body.subarray(3)) };
}
