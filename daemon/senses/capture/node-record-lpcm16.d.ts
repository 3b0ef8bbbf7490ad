declare module 'node-record-lpcm16' {
  import type { ChildProcess } from 'node:child_process';

  export interface Recording {
    /** The recorder, with all three pipes. */
    process: ChildProcess;
  }

  /** Options are handed on to the recorder: a name among the library's, or the absolute path of a CommonJS module. */
  function record(options: { recorder: string; [option: string]: unknown }): Recording;

  const library: { record: typeof record };
  export default library;
}
