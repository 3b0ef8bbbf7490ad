/** Stands in for the senses: says that it is ready, then nothing any more, and does not end when asked. */
process.on('message', () => {});
process.send?.({ type: 'ready', v: 1, pid: process.pid });
