import pino from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { Senses, type Wanted } from '../../daemon/senses/supervisor.ts';

/** A hub of which only the senses run: says on IPC what they report, until it is killed. */
const senses = new Senses({ log: pino({ level: 'silent' }), clock: systemClock });
senses.events.on('pid', (pid) => process.send?.({ senses: pid }));
senses.events.on('source', ({ source, state, pid }) => process.send?.({ source, state, pid }));
process.on('message', (wanted: Wanted) => senses.apply(wanted));
