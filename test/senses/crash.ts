/** Stands in for the senses: dies as soon as it is told what to do. */
process.on('message', () => process.exit(3));
process.send?.({ type: 'ready', v: 1, pid: process.pid });
