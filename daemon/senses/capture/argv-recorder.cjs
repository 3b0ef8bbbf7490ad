'use strict';

/** A recorder for node-record-lpcm16 that runs the command it is given: the library's own can neither be tied to us nor write headerless sound. */
module.exports = ({ command: [cmd, args], env }) => ({ cmd, args, spawnOptions: { env } });
