/** What this device shall give a room. */
export interface Choice {
  camera: 'front' | 'back' | 'none';
  microphone: boolean;
}

/** `panel.denied`: a person, or the browser, says no. `panel.no_capture`: there is none. `panel.capture_busy`: it does not open just now. */
export type CaptureCode = 'panel.denied' | 'panel.no_capture' | 'panel.capture_busy';

export class CaptureError extends Error {
  readonly code: CaptureCode;

  constructor(code: CaptureCode, cause: unknown) {
    super(code, { cause });
    this.name = 'CaptureError';
    this.code = code;
  }
}

/** Names of DOMException that getUserMedia rejects with (W3C Media Capture and Streams, 10.3); the others may pass. */
const CODES: Record<string, CaptureCode> = {
  NotAllowedError: 'panel.denied',
  SecurityError: 'panel.denied',
  NotFoundError: 'panel.no_capture',
  OverconstrainedError: 'panel.no_capture',
};

/** Browsers let a page have them only over HTTPS, or on the machine itself. */
export const canCapture = (): boolean => window.isSecureContext && navigator.mediaDevices !== undefined;

/** @throws CaptureError */
export async function openCapture(choice: Choice): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia(constraintsOf(choice));
  } catch (error) {
    throw new CaptureError(CODES[error instanceof DOMException ? error.name : ''] ?? 'panel.capture_busy', error);
  }
}

/** As much as a room is read at. How loud a voice is belongs to how it feels, so nothing evens it out. */
export function constraintsOf({ camera, microphone }: Choice): MediaStreamConstraints {
  const facingMode = camera === 'back' ? 'environment' : 'user';
  return {
    video: camera !== 'none' && { facingMode, width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 } },
    audio: microphone && { echoCancellation: true, noiseSuppression: false, autoGainControl: false },
  };
}
